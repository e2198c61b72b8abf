import { createReadStream, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from '../collection.ts';
import { describeError, errorCode, UserError, usageError } from '../errors.ts';
import { topLevelKeys } from '../json/scanner.ts';
import type { Environment } from './environment.ts';
import { openHar } from './har.ts';
import type { Input, OnFault, OnLeftOut } from './input.ts';
import { openNdjson } from './ndjson.ts';
import {
  openCollection,
  openCollectionFolder,
  openDump,
  openEnvironment,
} from './postman/index.ts';
import { openSource, type Source, spoolStream } from './source.ts';
import { unpacked } from './unpacked.ts';

export type { Environment } from './environment.ts';
export { type Input, type OnFault, shownPlace } from './input.ts';

export type InputOptions = {
  readonly onFault: OnFault;
  readonly onLeftOut?: OnLeftOut;
  /** Opens a folder as a journal. */
  readonly openJournal: (folder: string) => Input;
};

/** The detected type of an input. */
export type Opened = {
  readonly recordings: readonly Input[];
  readonly collections: readonly Collection[];
  readonly environments: readonly Environment[];
  close(): Promise<void>;
};

/**
 * Opens an input and detects its type from the content: a journal, a HAR file, ndjson lines, a Postman collection of any
 * version, an environment, or a data dump of the app. `-` is standard input. A file may be compressed with gzip or
 * zip, or be in UTF-16.
 *
 * @throws UserError if the file does not exist (exit code 2) or has another type
 */
export async function openInput(path: string, options: InputOptions): Promise<Opened> {
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

const NOTHING = { recordings: [], collections: [], environments: [] };

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT';
    throw usageError(
      `Cannot read ${path}: ${missing ? 'the file does not exist.' : describeError(error)}`,
    );
  }
}

/** A pipe can be read only once, whatever its name: `<(curl …)` is one in `/dev/fd`. */
async function sourceOf(path: string, found: Stats | undefined): Promise<Source> {
  if (found === undefined) return spoolStream(process.stdin, 'standard input');
  return found.isFile() ? openSource(path) : spoolStream(createReadStream(path), path);
}

function openFolder(
  folder: string,
  { onFault, onLeftOut = () => {}, openJournal }: InputOptions,
): Opened {
  if (isCollection(folder)) {
    const collection = openCollectionFolder(folder, { onFault, onLeftOut });
    return { ...NOTHING, collections: [collection], close: async () => {} };
  }
  const journal = openJournal(folder);
  return { ...NOTHING, recordings: [journal], close: () => journal.close() };
}

const MOST_FOLDERS = 1000;

/** A collection v3 has a definition, or at least one request file at any depth. */
function isCollection(folder: string): boolean {
  if (isThere(join(folder, '.resources', 'definition.yaml'))) return true;
  const open = [folder];
  for (let path = open.pop(), looked = 0; path !== undefined; path = open.pop()) {
    // Do not search a whole disk.
    if (looked++ > MOST_FOLDERS) return false;
    for (const entry of entriesOf(path)) {
      if (entry.name.endsWith('.request.yaml')) return true;
      if (entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name))
        open.push(join(path, entry.name));
    }
  }
  return false;
}

/** An inaccessible file exists: reading it reports the reason. */
function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    // A part of the path may be a file.
    return !['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw usageError(`Cannot read ${folder}: ${describeError(error)}`);
  }
}

function openFile(source: Source, { onFault }: InputOptions): Opened {
  const close = () => source.close();
  const recording = (input: Input) => ({
    ...NOTHING,
    recordings: [input],
    close: () => input.close(),
  });
  const collection = (one: Collection) => ({ ...NOTHING, collections: [one], close });
  for (const key of topLevelKeys(source)) {
    if (key === 'log') return recording(openHar(source, onFault));
    if (ENTRY_KEYS.has(key)) return recording(openNdjson(source));
    if (key === 'collection') return collection(openCollection(source, 'v2', onFault, key));
    if (V2_KEYS.has(key)) return collection(openCollection(source, 'v2', onFault));
    if (V1_KEYS.has(key)) return collection(openCollection(source, 'v1', onFault));
    if (DUMP_KEYS.has(key)) return { ...NOTHING, ...openDump(source, onFault), close };
    if (key === 'values')
      return { ...NOTHING, environments: [openEnvironment(source, onFault)], close };
  }
  const what = source.size === 0 ? 'is empty' : 'is not HAR, ndjson or a Postman collection';
  throw new UserError(`${source.name} ${what}.`, {
    hint: 'pmproxy convert reads journals, .har, .ndjson, and Postman collections v1, v2 and v3.',
  });
}

// Keys that occur in only one of the formats.
const ENTRY_KEYS: ReadonlySet<string> = new Set(['startedDateTime', 'request', 'response']);
const V2_KEYS: ReadonlySet<string> = new Set(['info', 'item']);
const V1_KEYS: ReadonlySet<string> = new Set(['requests', 'order', 'folders']);
const DUMP_KEYS: ReadonlySet<string> = new Set(['collections', 'environments']);
