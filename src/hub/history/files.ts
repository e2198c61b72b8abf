import { type FileHandle, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { openNew, PRIVATE } from '../../new-files.ts';
import { EntryFile } from './entry-file.ts';
import { emptyIndex, type HistoryIndex, headLine, readIndex } from './index-file.ts';

const indexName = 'index.ndjson';

export type HistoryFiles = {
  readonly index: HistoryIndex;
  /** The index file, open for appending. */
  readonly indexFile: FileHandle;
  readonly entries: EntryFile;
};

/**
 * Opens or creates the files of a history, and removes an incomplete end that a killed process left.
 *
 * @throws UserError when the files do not belong together, or an error of the file system
 */
export async function openFiles(folder: string): Promise<HistoryFiles> {
  const path = join(folder, indexName);
  const names = await readdir(folder);
  const read = names.includes(indexName) ? await readIndex(path) : undefined;
  const index = read?.index ?? emptyIndex();
  for (const name of names) {
    const isLeft = /^entries-\d+\.ndjson$/.test(name) && name !== index.entries;
    if (isLeft) await rm(join(folder, name));
  }
  const entries = await EntryFile.open(join(folder, index.entries));
  const [offset = 0, length = -2] = index.ranges.slice(-2);
  // Each entry is followed by a brace and a newline.
  const end = offset + length + 2;
  if (entries.size < end) {
    await entries.close();
    throw new UserError(`The history in ${folder} is damaged: ${index.entries} is too short.`, {
      hint: 'Choose another folder: pmproxy client --history <folder>',
    });
  }
  await entries.truncate(end);
  if (read === undefined) return { index, indexFile: await beginIndex(folder, index), entries };
  const indexFile = await openNew(path, 'a', PRIVATE);
  await indexFile.truncate(read.bytes);
  return { index, indexFile, entries };
}

/** Creates an index file and moves it into place in one step, so that a history is either the old or the new one. */
export async function beginIndex(folder: string, index: HistoryIndex): Promise<FileHandle> {
  const path = join(folder, indexName);
  const draft = `${path}.draft`;
  const file = await openNew(draft, 'w', PRIVATE);
  try {
    await file.writeFile(headLine(index));
    await file.sync();
    await rename(draft, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
