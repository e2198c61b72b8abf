import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Collection } from '../../src/collection.ts';
import { exchangesOf } from '../../src/document/exchanges.ts';
import type { Exchange } from '../../src/exchange.ts';
import { type Input, type OnFault, type Opened, openInput } from '../../src/importers/index.ts';
import { openJournal } from '../../src/record/journal-reader.ts';
import { newFolder } from './folder.ts';

const stop: OnFault = (fault) => {
  throw fault;
};

/** Opens an input as `convert` does; it is closed when the test is over. */
async function openAny(path: string, onFault: OnFault = stop): Promise<Opened> {
  const opened = await openInput(path, {
    onFault,
    openJournal(folder) {
      const journal = openJournal(folder);
      return { ...journal, close: async () => journal.close() };
    },
  });
  onTestFinished(() => opened.close());
  return opened;
}

/** The same as a recording: of a collection the exchanges that a runner would have. */
export async function open(path: string, onFault?: OnFault): Promise<Input> {
  const opened = await openAny(path, onFault);
  const [recording] = opened.recordings;
  if (recording !== undefined) return recording;
  const exchanges: Exchange[] = [];
  for await (const one of exchangesOf(await openedCollection(opened))) exchanges.push(one);
  return {
    size: exchanges.length,
    async *read(places = exchanges.keys()) {
      for (const place of places) {
        const exchange = exchanges[place];
        if (exchange) yield exchange;
      }
    },
    close: async () => {},
  };
}

async function openedCollection({ collections }: Opened): Promise<Collection> {
  const [collection] = collections;
  if (collection === undefined) throw new Error('It holds no collection.');
  return collection;
}

/** Opens a collection. */
export async function openCollection(path: string, onFault?: OnFault): Promise<Collection> {
  return openedCollection(await openAny(path, onFault));
}

/** Writes files into a new folder; values other than text are written as JSON. */
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
