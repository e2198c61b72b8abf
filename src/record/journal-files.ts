import { open } from 'node:fs';
import { promisify } from 'node:util';
import { PRIVATE, setModeSync } from '../new-files.ts';

/** The files of a journal, inside its folder. */
export const journalFiles = {
  owner: 'journal.json',
  index: 'exchanges.ndjson',
  blob: 'bodies.bin',
} as const;

const openFile = promisify(open);

/**
 * Opens an index or a blob for appending and for reading.
 *
 * @param state a new file must not exist, and gets the mode 0600
 * @returns its descriptor
 * @throws the error of the file system
 */
export async function openJournalFile(path: string, state: 'new' | 'begun'): Promise<number> {
  const file = await openFile(path, state === 'new' ? 'ax+' : 'a+', PRIVATE);
  if (state === 'new') setModeSync(file, PRIVATE);
  return file;
}
