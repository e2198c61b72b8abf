import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Input, type OnFault, openInput } from '../../src/importers/index.ts';
import { openJournal } from '../../src/record/journal-reader.ts';
import { newFolder } from './folder.ts';

const stop: OnFault = (fault) => {
  throw fault;
};

/** Opens an input as `convert` does; it is closed when the test is over. */
export async function open(path: string, onFault: OnFault = stop): Promise<Input> {
  const input = await openInput(path, {
    onFault,
    openJournal(folder) {
      const journal = openJournal(folder);
      return { ...journal, close: async () => journal.close() };
    },
  });
  onTestFinished(() => input.close());
  return input;
}

/** Writes files into a new folder; what is no text is written as JSON. */
export async function folderWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await newFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(path, isRaw ? content : JSON.stringify(content));
  }
  return folder;
}

/** Opens a file with this content. */
export async function openContent(content: unknown, onFault?: OnFault): Promise<Input> {
  return open(join(await folderWith({ input: content }), 'input'), onFault);
}
