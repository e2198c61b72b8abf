import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../new-files.ts';
import { journalFiles, openJournalFile } from './journal-files.ts';

/**
 * The part of a journal that one process writes: its own folder, with an index and a blob. A journal that one process
 * writes is its only segment. With several workers, the journal's folder holds a folder for each.
 */
export type Segment = {
  readonly folder: string;
  /** Descriptors of the files, which are open for reading. */
  readonly index: number;
  readonly blob: number;
};

/** The number of a worker, from 1. */
const workerFolder = /^worker-(\d{1,4})$/;

/**
 * Makes an empty segment for each worker. The descriptors stay open, so that the segments can be read after their folders
 * were removed.
 *
 * @param folder of the journal
 * @throws the error of the file system
 */
export async function createSegments(folder: string, workers: number): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (let worker = 1; worker <= workers; worker += 1) {
    const path = join(folder, `worker-${worker}`);
    await makePrivateFolder(path);
    const index = await openJournalFile(join(path, journalFiles.index), 'new');
    const blob = await openJournalFile(join(path, journalFiles.blob), 'new');
    segments.push({ folder: path, index, blob });
  }
  return segments;
}

/** The folders of a journal's segments, in the order of the workers; the journal's own folder without workers. */
export function segmentFolders(folder: string): string[] {
  const workers = namesIn(folder)
    .map((name) => workerFolder.exec(name))
    .filter((match) => match !== null)
    .toSorted(([, a], [, b]) => Number(a) - Number(b))
    .map(([name]) => join(folder, name));
  // A worker's folder is made before its files.
  const begun = workers.filter((path) => existsSync(join(path, journalFiles.blob)));
  return begun.length > 0 ? begun : [folder];
}

// Opening the journal's files reports what is wrong with its folder.
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
