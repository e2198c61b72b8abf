import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UserError } from '../../errors.ts';
import type { Row } from '../../sync/wire/page-events.ts';
import type { Session } from '../../sync/wire/protocol.ts';

/** A session and its highest stored seq. */
export type KnownSession = { readonly session: Session; last: number };

/** The index of a history: everything except its entries. */
export type HistoryIndex = {
  /** The unique id of the history. */
  readonly id: string;
  /** The name of the file that holds the entries. */
  readonly entries: string;
  /** The number of the last row that was cleared. The first row in the index follows it. */
  readonly through: number;
  readonly sessions: Map<string, KnownSession>;
  readonly rows: Row[];
  /** The byte ranges of the rows' entries: offset and length in turn, which takes less memory than objects. */
  readonly ranges: number[];
};

type IndexHead = {
  readonly format: 1;
  readonly id: string;
  readonly entries: string;
  readonly through: number;
  readonly sessions: readonly KnownSession[];
};

type IndexLine =
  | { readonly session: Session }
  | {
      readonly seq: number;
      readonly at: readonly [offset: number, length: number];
      readonly row: Row;
    };

/** An index without rows: a new one, or the one after a history was cleared, which keeps the sessions and their seqs. */
export function emptyIndex(before?: HistoryIndex): HistoryIndex {
  const through = before === undefined ? 0 : before.through + before.rows.length;
  return {
    id: before?.id ?? randomBytes(8).toString('hex'),
    entries: `entries-${through + 1}.ndjson`,
    through,
    sessions: before?.sessions ?? new Map(),
    rows: [],
    ranges: [],
  };
}

/** The first line of an index file. */
export function headLine({ id, entries, through, sessions }: HistoryIndex): string {
  const head: IndexHead = { format: 1, id, entries, through, sessions: [...sessions.values()] };
  return `${JSON.stringify(head)}\n`;
}

/** The line of a new session. */
export function sessionLine(session: Session): string {
  return `${JSON.stringify({ session } satisfies IndexLine)}\n`;
}

/** The line of an entry at this byte range. */
export function rowLine(row: Row, seq: number, offset: number, length: number): string {
  return `${JSON.stringify({ seq, at: [offset, length], row } satisfies IndexLine)}\n`;
}

/**
 * Reads an index file. An incomplete last line is ignored.
 *
 * @returns the index and the number of bytes that were read; undefined when the first line is incomplete
 * @throws UserError when a line does not belong in an index
 */
export async function readIndex(
  path: string,
): Promise<{ readonly index: HistoryIndex; readonly bytes: number } | undefined> {
  let index: HistoryIndex | undefined;
  let bytes = 0;
  let count = 0;
  for await (const line of wholeLines(path)) {
    count += 1;
    try {
      if (index === undefined) index = indexOf(JSON.parse(line.toString()));
      else take(index, JSON.parse(line.toString()));
    } catch (cause) {
      throw new UserError(`The history's index ${path} is damaged at line ${count}.`, {
        cause,
        hint: 'Choose another folder: pmproxy client --history <folder>',
      });
    }
    bytes += line.length + 1;
  }
  return index && { index, bytes };
}

function indexOf({ format, id, entries, through, sessions }: IndexHead): HistoryIndex {
  if (format !== 1 || !/^entries-\d+\.ndjson$/.test(entries)) throw new Error('not a head');
  const known = new Map(sessions.map((one) => [one.session.id, one]));
  return { id, entries, through, sessions: known, rows: [], ranges: [] };
}

function take({ sessions, rows, ranges, through }: HistoryIndex, line: IndexLine): void {
  if ('session' in line) {
    sessions.set(line.session.id, { session: line.session, last: 0 });
    return;
  }
  const { seq, at, row } = line;
  const known = sessions.get(row.session);
  if (known === undefined || row.n !== through + rows.length + 1) throw new Error('out of place');
  known.last = seq;
  // All rows share one string for the id of a session.
  rows.push({ ...row, session: known.session.id });
  ranges.push(...at);
}

async function* wholeLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const text: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
      yield text.subarray(from, end);
      from = end + 1;
    }
    rest = text.subarray(from);
  }
}
