import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { Exchange, Recording } from '../exchange.ts';
import { journalFiles } from './journals.ts';
import { restoreExchange, type StoredBody, type StoredExchange } from './stored-exchange.ts';
import { openWindowed, type WindowedFile } from './windowed-file.ts';

/** A journal that is being read. */
export type OpenJournal = Recording & { close(): void };

/**
 * Opens a journal's folder for reading. Only the places of its exchanges are held in memory; lines
 * and bodies are read when they are asked for. A last line that was cut short is not there.
 *
 * @throws UserError when the folder is no journal
 */
export function openJournal(folder: string): OpenJournal {
  const store = openStore(folder);
  const places = scan(store.index, folder);
  return {
    size: places.length,
    async *read(order) {
      for (const place of order ?? places.keys()) {
        const found = places[place];
        if (found) yield store.at(found);
      }
    },
    close: () => store.close(),
  };
}

/** Where a line of the index is, without its newline; in bytes. */
export type LinePlace = { readonly offset: number; readonly length: number };

/** A journal's files, open for reading; they may still be growing. */
export type JournalStore = {
  readonly index: WindowedFile;
  /** Restores the exchange whose line is there; its bodies are read when they are asked for. */
  at(place: LinePlace): Exchange;
  close(): void;
};

/**
 * Opens the files of a journal's folder.
 *
 * @throws UserError when the folder is no journal
 */
export function openStore(folder: string): JournalStore {
  const index = openFile(folder, journalFiles.index);
  const blob = openFile(folder, journalFiles.blob);
  const read = async (body: StoredBody) => readBody(body, folder, blob);
  return {
    index,
    at: ({ offset, length }) =>
      restoreExchange(parseLine(index.read(offset, length), folder), read),
    close() {
      index.close();
      blob.close();
    },
  };
}

type Place = LinePlace & { readonly seq: number };

// Exchanges stand in the order in which they ended; they are read in the order in which they came.
function scan(index: WindowedFile, folder: string): Place[] {
  const places: Place[] = [];
  let offset = 0;
  let sorted = true;
  for (const line of index.lines()) {
    const seq = Number(/^\{"seq":(\d+),/.exec(line.toString('latin1', 0, 32))?.[1] ?? Number.NaN);
    if (Number.isNaN(seq))
      throw damaged(folder, `line ${places.length + 1} of ${journalFiles.index}`);
    const last = places.at(-1);
    if (last !== undefined && last.seq > seq) sorted = false;
    places.push({ seq, offset, length: line.length });
    offset += line.length + 1;
  }
  return sorted ? places : places.sort((a, b) => a.seq - b.seq);
}

function parseLine(line: Buffer, folder: string): StoredExchange {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw damaged(folder, `the line that begins ${JSON.stringify(line.toString('utf8', 0, 40))}`);
  }
}

function damaged(folder: string, where: string, cause?: unknown): UserError {
  return new UserError(`The journal ${folder} is damaged at ${where}.`, { cause });
}

function readBody(body: StoredBody, folder: string, blob: WindowedFile): Uint8Array {
  if (body.file !== undefined) return readWhole(folder, body.file);
  const [offset, length] = body.blob ?? [0, 0];
  const bytes = blob.read(offset, length);
  if (bytes.length < length) throw damaged(folder, `byte ${offset} of ${journalFiles.blob}`);
  return bytes;
}

function readWhole(folder: string, name: string): Uint8Array {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw damaged(folder, name, cause);
  }
}

function openFile(folder: string, name: string): WindowedFile {
  try {
    return openWindowed(join(folder, name));
  } catch (cause) {
    throw new UserError(`${folder} is not a journal of pmproxy: it has no ${name}.`, {
      cause,
      hint: 'A journal is a folder that a recording leaves behind when it is killed.',
    });
  }
}
