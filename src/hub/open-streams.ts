import type { HarEntry } from '../har/types.ts';
import type { Row } from '../sync/wire/page-events.ts';
import type { ProxyMessage, Session } from '../sync/wire/protocol.ts';
import type { StreamPart } from '../sync/wire/stream-part.ts';
import { rowOf } from './history/rows.ts';

/** A stream that runs, or whose proxy has gone away. */
export type OpenStream = {
  /** The number of its row, which is below 0. */
  readonly n: number;
  readonly session: string;
  readonly key: string;
  readonly entry: HarEntry;
  row: Row;
  /** The latest parts. */
  readonly parts: StreamPart[];
  /** How many parts have come, with those that are not kept any more. */
  count: number;
  /** Counts the changes of the row. */
  version: number;
  /** The row of the exchange that replaces it, once that is accepted. */
  becomes?: number;
};

/** How much is kept in memory. */
const most = {
  streams: 2000,
  partsEach: 1000,
  bytesEach: 1024 * 1024,
  bytes: 64 * 1024 * 1024,
  /** Streams that have become exchanges, which may be told of late. */
  finished: 10_000,
};

/** The streams that run now. They are kept in memory only, until their exchange arrives. */
export class OpenStreams {
  readonly #streams = new Map<string, OpenStream>();
  readonly #byNumber = new Map<number, OpenStream>();
  readonly #sizes = new Map<string, number>();
  readonly #finished = new Set<string>();
  #bytes = 0;
  #last = 0;

  /** Every stream, in the order in which they began. */
  get all(): Iterable<OpenStream> {
    return this.#streams.values();
  }

  /** The stream with this row number. */
  at(n: number): OpenStream | undefined {
    return this.#byNumber.get(n);
  }

  /** A stream has begun, or is told of again after a reconnect. Returns whether anything has changed. */
  begin(
    session: Session,
    { key, kind, exchange }: Extract<ProxyMessage, { type: 'begun' }>,
  ): boolean {
    const id = idOf(session.id, key);
    if (this.#finished.has(id)) return false;
    const known = this.#streams.get(id);
    if (known !== undefined) {
      this.#change(known, { outcome: 'running' });
      return true;
    }
    if (this.#streams.size >= most.streams && !this.#dropUnfinished()) return false;
    this.#last -= 1;
    const n = this.#last;
    const row: Row = {
      ...rowOf(n, session.id, exchange),
      outcome: 'running',
      kind: '',
      size: 0,
      stream: { kind, parts: 0, dropped: 0 },
    };
    const stream: OpenStream = {
      n,
      key,
      session: session.id,
      entry: exchange,
      row,
      parts: [],
      count: 0,
      version: 1,
    };
    this.#streams.set(id, stream);
    this.#byNumber.set(n, stream);
    return true;
  }

  /** Parts of a stream have come. Returns the stream, if it is known. */
  add(
    session: Session,
    { key, parts, dropped = 0, ended }: Extract<ProxyMessage, { type: 'part' }>,
  ): OpenStream | undefined {
    const id = idOf(session.id, key);
    const stream = this.#streams.get(id);
    const { row } = stream ?? {};
    if (stream === undefined || row?.stream === undefined) return undefined;
    stream.count += parts.length;
    this.#keep(id, stream, parts);
    this.#change(stream, {
      size: row.size + parts.reduce((sum, { size }) => sum + size, 0),
      stream: {
        ...row.stream,
        parts: row.stream.parts + parts.length + dropped,
        dropped: row.stream.dropped + dropped,
        ...(ended && { ended }),
      },
    });
    return stream;
  }

  /** The exchange of a stream was accepted under this row number. */
  became(session: Session, key: string | undefined, row: number): void {
    if (key === undefined) return;
    const id = idOf(session.id, key);
    this.#finished.add(id);
    if (this.#finished.size > most.finished) {
      for (const oldest of this.#finished) {
        this.#finished.delete(oldest);
        break;
      }
    }
    const stream = this.#streams.get(id);
    if (stream) stream.becomes = row;
  }

  /** Rows up to this number are stored. Removes the streams that they replace, and returns these. */
  replaced(through: number): OpenStream[] {
    return this.#remove(({ becomes }) => becomes !== undefined && becomes <= through);
  }

  /** The proxy of a session has gone away: what is open is unfinished. */
  leave(session: Session): void {
    for (const stream of this.#streams.values()) {
      if (stream.session === session.id && stream.becomes === undefined) {
        this.#change(stream, { outcome: 'unfinished' });
      }
    }
  }

  /** Nothing more comes of a session: what has no exchange by now is none that the filters let through. */
  end(session: Session): void {
    this.#remove(({ session: id, becomes }) => id === session.id && becomes === undefined);
  }

  /** Removes streams whose proxy has gone away. */
  clear(): void {
    this.#remove(({ row }) => row.outcome === 'unfinished');
  }

  // Behind the limits, the oldest parts go first.
  #keep(id: string, stream: OpenStream, parts: readonly StreamPart[]): void {
    const all = stream.parts;
    all.push(...parts);
    const before = this.#sizes.get(id) ?? 0;
    let bytes = before + bytesOf(parts);
    let from = 0;
    const others = this.#bytes - before;
    const room = Math.min(most.bytesEach, Math.max(0, most.bytes - others));
    while (from < all.length && (all.length - from > most.partsEach || bytes > room)) {
      const part = all[from];
      bytes -= part ? bytesOf([part]) : 0;
      from += 1;
    }
    if (from > 0) all.splice(0, from);
    this.#sizes.set(id, bytes);
    this.#bytes = others + bytes;
  }

  #change(stream: OpenStream, parts: Partial<Row>): void {
    stream.row = { ...stream.row, ...parts };
    stream.version += 1;
  }

  #dropUnfinished(): boolean {
    for (const { row, n } of this.#streams.values()) {
      if (row.outcome === 'unfinished') return this.#remove((stream) => stream.n === n).length > 0;
    }
    return false;
  }

  #remove(isGone: (stream: OpenStream) => boolean): OpenStream[] {
    const gone: OpenStream[] = [];
    for (const [id, stream] of this.#streams) {
      if (!isGone(stream)) continue;
      gone.push(stream);
      this.#streams.delete(id);
      this.#byNumber.delete(stream.n);
      this.#bytes -= this.#sizes.get(id) ?? 0;
      this.#sizes.delete(id);
    }
    return gone;
  }
}

function idOf(session: string, key: string): string {
  return `${session}/${key}`;
}

// A part is an object of a few fields around its text.
const bytesAround = 200;

function bytesOf(parts: readonly StreamPart[]): number {
  let bytes = 0;
  for (const { event, message, frame, line } of parts) {
    const text = event?.data ?? message?.data ?? frame?.json ?? frame?.base64 ?? line ?? '';
    bytes += bytesAround + text.length;
  }
  return bytes;
}
