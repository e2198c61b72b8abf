import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { Exchange, Recording } from '../exchange.ts';
import { journalFiles } from './journal-files.ts';
import { type Segment, segmentFolders } from './segments.ts';
import {
  bodiesOf,
  restoreExchange,
  type StoredBody,
  type StoredExchange,
} from './stored-exchange.ts';
import { storedExchange } from './stored-shape.ts';
import { openWindowed, type WindowedFile } from './windowed-file.ts';

/** A journal that is being read. */
export type OpenJournal = Recording & { close(): void };

/** How to read a journal whose folder may have been removed. */
export type JournalSource = {
  readonly segments: readonly Segment[];
  /** Called with the name of each missing body file. The body is then empty and marked as cut. */
  readonly onLostBody: (name: string) => void;
};

/**
 * Opens a journal's folder for reading. Memory holds only the positions of its lines; lines and bodies are read when they
 * are needed. An incomplete last line is ignored. What several workers have written is read as one recording, in the order
 * in which its exchanges began.
 *
 * @throws UserError when the folder is not a journal; while reading, for each exchange that is damaged
 */
export function openJournal(folder: string, source?: JournalSource): OpenJournal {
  const stores =
    source?.segments.map((segment) => openStore(segment.folder, { ...segment, ...source })) ??
    openStores(folder);
  const lines = scan(stores);
  const isMerged = stores.length > 1;
  return {
    size: lines.length,
    async *read(order) {
      for (const place of order ?? lines.keys()) {
        const found = lines[place];
        const exchange = found && stores[found.segment]?.at(found);
        if (exchange === undefined) continue;
        // The numbers of workers only give the order.
        yield isMerged ? { ...exchange, seq: place + 1 } : exchange;
      }
    },
    close() {
      for (const store of stores) store.close();
    },
  };
}

/**
 * Opens the segments of a journal, in the order of the workers.
 *
 * @throws UserError when the folder is not a journal
 */
export function openStores(folder: string): JournalStore[] {
  return segmentFolders(folder).map((segment) => openStore(segment));
}

/** How many exchanges a segment holds on whole lines. */
export function countExchanges(folder: string): number {
  const store = openStore(folder);
  try {
    let count = 0;
    for (const _ of store.index.lines()) count += 1;
    return count;
  } finally {
    store.close();
  }
}

/** The position of a line in the index, without its newline; in bytes. */
export type LineRange = { readonly offset: number; readonly length: number };

/** A journal's files, open for reading. They may still be growing. */
export type JournalStore = {
  readonly index: WindowedFile;
  /**
   * Restores the exchange of a line. Its bodies are read when they are needed.
   *
   * @param bodies whether to check now that they exist. Unchecked, a missing body fails when it is read, and affects
   * nothing else
   * @throws UserError that names the line and what is missing
   */
  at(place: LineRange & { readonly line?: number }, bodies?: 'checked' | 'unchecked'): Exchange;
  close(): void;
};

/** The open files of a segment, whose folder may have been removed. */
type OpenSegment = Omit<Segment, 'folder'> & Pick<JournalSource, 'onLostBody'>;

function openStore(folder: string, source?: OpenSegment): JournalStore {
  const index = source ? openWindowed(source.index) : openFile(folder, journalFiles.index);
  const blob = source ? openWindowed(source.blob) : openFile(folder, journalFiles.blob);
  const read = async (body: StoredBody) => readBody(body, folder, blob);
  return {
    index,
    at(place, bodies = 'checked') {
      const stored = storedAt(index, folder, place);
      for (const body of bodies === 'checked' ? bodiesOf(stored) : []) {
        const missing = missingPart(body, folder, blob);
        if (missing === undefined) continue;
        if (source === undefined) throw damaged(folder, place, `${missing} is missing`);
        source.onLostBody(missing);
        Object.assign(body, { cut: true, file: undefined, blob: [0, 0] });
      }
      return restoreExchange(stored, read);
    },
    close() {
      index.close();
      blob.close();
    },
  };
}

type JournalLine = LineRange & {
  /** The place of its segment in the list of segments. */
  readonly segment: number;
  readonly seq: number;
  readonly line: number;
};

// An index has exchanges in the order in which they ended. They are read in the order in which they began.
function scan(stores: readonly JournalStore[]): JournalLine[] {
  const lines: JournalLine[] = [];
  let sorted = true;
  let last = 0;
  for (const [segment, { index }] of stores.entries()) {
    let line = 0;
    for (const { offset, length, head } of index.lines()) {
      // A line that cannot be parsed keeps its position, and is reported when it is read.
      const seq = seqIn(head) ?? last;
      if (last > seq) sorted = false;
      last = seq;
      line += 1;
      lines.push({ segment, seq, offset, length, line });
    }
  }
  return sorted ? lines : lines.sort((a, b) => a.seq - b.seq);
}

/** The number that a line of an index begins with. */
export function seqIn(head: Buffer): number | undefined {
  const digits = /^\{"seq":(\d{1,15}),/.exec(head.toString('latin1', 0, 32))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Lines hold heads, not bodies. A longer one would take many times its length in memory. */
export const longestLine = 64 * 1024 * 1024;

function storedAt(index: WindowedFile, folder: string, place: LineRange): StoredExchange {
  const { offset, length } = place;
  if (length > longestLine) throw damaged(folder, place, `it has ${length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(index.read(offset, length).toString('utf8'));
  } catch {
    throw damaged(folder, place, 'it is not JSON');
  }
  const fault = storedExchange(value);
  if (fault === undefined) return value as StoredExchange;
  const what = fault === '' ? 'it' : fault.slice(1);
  throw damaged(folder, place, `${what} is missing or malformed`);
}

function damaged(
  folder: string,
  { offset, line }: LineRange & { readonly line?: number },
  fault: string,
): UserError {
  const where = line === undefined ? `the line at byte ${offset}` : `line ${line}`;
  return new UserError(
    `The journal ${folder} is damaged at ${where} of ${journalFiles.index}: ${fault}.`,
  );
}

/** Names the file, or the byte of the blob, that a body needs and that is missing. */
function missingPart(
  { file, blob: place }: StoredBody,
  folder: string,
  blob: WindowedFile,
): string | undefined {
  if (file !== undefined) return existsSync(join(folder, file)) ? undefined : file;
  const [offset, length] = place ?? [0, 0];
  return blob.reaches(offset + length) ? undefined : `byte ${offset} of ${journalFiles.blob}`;
}

function readBody(
  { file, blob: place }: StoredBody,
  folder: string,
  blob: WindowedFile,
): Uint8Array {
  if (file === undefined) return blob.read(...(place ?? [0, 0]));
  try {
    return readFileSync(join(folder, file));
  } catch (cause) {
    throw new UserError(`The journal ${folder} is damaged at ${file}.`, { cause });
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
