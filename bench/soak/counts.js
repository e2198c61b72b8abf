/** Counts exchanges by kind: those in a journal while it is written, and those in a client's history. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {Record<string, {count: number, numbers: Set<number>}>} Counts */

/**
 * Counts one exchange by the first part of its path. Its number, where it has one, shows duplicates.
 * @param {Counts} counts
 * @param {string} url
 */
export function countUrl(counts, url) {
  const { pathname, searchParams } = new URL(url);
  const [, first] = pathname.split('/');
  const kind = first === 'bench.Bench' ? 'grpc' : first;
  counts[kind] ??= { count: 0, numbers: new Set() };
  counts[kind].count += 1;
  const n = searchParams.get('n');
  if (n !== null) counts[kind].numbers.add(Number(n));
}

/**
 * Follows the index of the journal below a pmproxy home.
 * @param {string} home
 * @returns {Promise<{counts: Counts, read: () => Promise<void>, close: () => Promise<void>}>} `read` counts what was
 *   added since
 */
export async function followJournal(home) {
  const journals = join(home, 'journals');
  const [name] = await readdir(journals);
  const file = await open(join(journals, name, 'exchanges.ndjson'));
  const counts = {};
  const block = Buffer.alloc(1024 * 1024);
  let rest = '';
  const read = async () => {
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length, null);
      if (bytesRead === 0) return;
      // All URLs of the soak are ASCII, so a character cannot be cut in two where it matters.
      const lines = (rest + block.toString('latin1', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) countUrl(counts, JSON.parse(line).request.url);
    }
  };
  return { counts, read, close: () => file.close() };
}
