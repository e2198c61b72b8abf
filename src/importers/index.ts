import { createReadStream, existsSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, errorCode, UserError, usageError } from '../errors.ts';
import { openHar } from './har.ts';
import type { Input, OnFault } from './input.ts';
import { topLevelKeys } from './json-scanner.ts';
import { openNdjson } from './ndjson.ts';
import { openCollection, openCollectionFolder } from './postman/index.ts';
import { openSource, type Source, spoolStream } from './source.ts';
import { unpacked } from './unpacked.ts';

export type { Input, OnFault } from './input.ts';

export type InputOptions = {
  readonly onFault: OnFault;
  /** Opens a folder as a journal. */
  readonly openJournal: (folder: string) => Input;
};

/**
 * Opens what a person names as an input, by what it holds: a journal, a HAR file, lines of ndjson, a Postman collection
 * of any version. `-` is standard input. A file may be packed with gzip or zip, or be in UTF-16.
 *
 * @throws UserError when there is no such file (exit code 2), or it is none of these
 */
export async function openInput(path: string, options: InputOptions): Promise<Input> {
  const found = path === '-' ? undefined : statOf(path);
  if (found?.isDirectory()) return openFolder(path, options);
  const source = await unpacked(await sourceOf(path, found));
  try {
    return openFile(source, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT';
    throw usageError(
      `Cannot read ${path}: ${missing ? 'there is no such file.' : describeError(error)}`,
    );
  }
}

/** A pipe can be read once only, whatever its name: `<(curl …)` has one in `/dev/fd`. */
async function sourceOf(path: string, found: Stats | undefined): Promise<Source> {
  if (found === undefined) return spoolStream(process.stdin, 'standard input');
  return found.isFile() ? openSource(path) : spoolStream(createReadStream(path), path);
}

function openFolder(folder: string, { onFault, openJournal }: InputOptions): Input {
  if (existsSync(join(folder, '.resources', 'definition.yaml')))
    return openCollectionFolder(folder, onFault);
  return openJournal(folder);
}

function openFile(source: Source, { onFault }: InputOptions): Input {
  for (const key of topLevelKeys(source)) {
    if (key === 'log') return openHar(source, onFault);
    if (ENTRY_KEYS.has(key)) return openNdjson(source);
    if (V2_KEYS.has(key)) return openCollection(source, 'v2', onFault);
    if (V1_KEYS.has(key)) return openCollection(source, 'v1', onFault);
  }
  const what = source.size === 0 ? 'is empty' : 'is no HAR, ndjson or Postman collection';
  throw new UserError(`${source.name} ${what}.`, {
    hint: 'pmproxy convert reads journals, .har, .ndjson, and Postman collections v1, v2 and v3.',
  });
}

// Keys that stand in one of the formats only.
const ENTRY_KEYS: ReadonlySet<string> = new Set(['startedDateTime', 'request', 'response']);
const V2_KEYS: ReadonlySet<string> = new Set(['info', 'item', 'collection']);
const V1_KEYS: ReadonlySet<string> = new Set(['requests', 'order', 'folders']);
