import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import type { Recording } from '../../exchange.ts';
import { appendToCollection } from '../../exporters/postman-v2.1/append.ts';
import { collectionTexts } from '../../exporters/postman-v2.1/writer.ts';
import { asCollection } from '../../exporters/source.ts';
import { exchangeOf } from '../../har/exchange.ts';
import type { Collections, EntrySource } from '../../hub/collections.ts';
import { makePrivateFolder } from '../../new-files.ts';
import { attachTo, explicitOutput, writeOutput } from '../../output/output.ts';
import { redactor } from '../../sync/push/encoding.ts';

const ending = '.postman_collection.json';

export type CollectionFilesOptions = {
  readonly folder: string;
  readonly secrets: 'redact' | 'keep';
};

type Redact = ReturnType<typeof redactor>;

/** The entries of a history as a recording. */
export function recordingOf(
  entries: EntrySource,
  redact: Redact = async (exchange) => exchange,
): Recording {
  return {
    size: entries.size,
    async *read(places) {
      let seq = 0;
      for await (const entry of entries.read(places)) {
        seq += 1;
        yield await redact(exchangeOf(entry, seq));
      }
    },
  };
}

/**
 * The v2.1 collections in a folder, as `<name>.postman_collection.json`. What a file contains already stays in it, and a
 * file is written whole or not at all.
 */
export function collectionFiles({ folder, secrets }: CollectionFilesOptions): Collections {
  const root = resolve(folder);
  // One redactor for everything, so that the same value has the same variable in calls that arrive hours apart.
  const redact = redactor({ secrets, redact: [] });
  /** Additions to the same file run one after the other. */
  const queues = new Map<string, Promise<unknown>>();
  return {
    folder: withTilde(root),
    async list() {
      const names = await readdir(root).catch(() => []);
      return names
        .filter((name) => name.endsWith(ending) && !name.startsWith('.'))
        .map((name) => name.slice(0, -ending.length))
        .sort();
    },
    add(name, entries) {
      const before = queues.get(name) ?? Promise.resolve();
      const added = before.then(() => addTo(root, name, recordingOf(entries, redact), secrets));
      const settled = added.catch(() => {});
      queues.set(name, settled);
      return added;
    },
  };
}

async function addTo(
  folder: string,
  name: string,
  recording: Recording,
  secrets: 'redact' | 'keep',
): Promise<number> {
  await makePrivateFolder(folder);
  const output = await explicitOutput(join(folder, `${name}${ending}`));
  if (output.kind !== 'file') throw new UserError(`${name} is not a valid collection name.`);
  const attach = attachTo(output);
  const collection = asCollection(recording, { name, secrets, ...(attach && { attach }) });
  const version = '2.1.0';
  const rendered = async () => {
    let text = '';
    for await (const chunk of collectionTexts(collection, version)) text += chunk;
    return text;
  };
  for (;;) {
    const before = await versionOf(output.path);
    const existing = before === '' ? undefined : await readFile(output.path, 'utf8');
    const merged =
      existing === undefined
        ? await rendered()
        : await appendToCollection(existing, collection, { version, shown: output.path });
    // Another program has saved the file meanwhile.
    if ((await versionOf(output.path)) !== before) continue;
    if (merged !== existing) await writeOutput(output, [merged]);
    return countItems(merged) - (existing === undefined ? 0 : countItems(existing));
  }
}

/** Identifies the state of a file; empty when there is no file. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

type Item = { readonly item?: readonly Item[] };

function countItems(text: string): number {
  const count = ({ item }: Item): number =>
    item === undefined ? 1 : item.reduce((sum, one) => sum + count(one), 0);
  return count(JSON.parse(text.replace(/^\ufeff/, '')));
}

// The path as a person would type it.
function withTilde(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path;
}
