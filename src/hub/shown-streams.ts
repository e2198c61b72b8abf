import type { HubEvent } from '../sync/wire/page-events.ts';
import type { OpenStream, OpenStreams } from './open-streams.ts';

/**
 * What one page has been told of the streams that run. Nothing waits for a page: it gets the latest state of each row, and of
 * the stream that it follows the parts that are still kept.
 */
export class ShownStreams {
  readonly #streams: OpenStreams;
  /** The version of each row that the page has, by row number. */
  readonly #versions = new Map<number, number>();
  /** The rows that have replaced streams of the page. */
  readonly #becomes = new Map<number, number>();
  #isFirst = true;
  #followed: number | undefined;
  /** How many parts of the followed stream the page was sent; undefined before its entry. */
  #sent: number | undefined;

  constructor(streams: OpenStreams) {
    this.#streams = streams;
  }

  /** The page wants the parts of this stream. */
  follow(n: number | undefined): void {
    this.#followed = n;
    this.#sent = undefined;
  }

  /** Streams were replaced by rows. */
  replace(streams: readonly OpenStream[]): void {
    for (const { n, becomes } of streams) {
      if (becomes !== undefined && this.#versions.has(n)) this.#becomes.set(n, becomes);
    }
  }

  /** The next event for the page; undefined when it has everything. */
  next(): HubEvent | undefined {
    return this.#nextOfFollowed() ?? this.#nextRows();
  }

  #nextOfFollowed(): HubEvent | undefined {
    const n = this.#followed;
    if (n === undefined) return undefined;
    const stream = this.#streams.at(n);
    if (stream === undefined) return undefined;
    if (this.#sent === undefined) {
      this.#sent = 0;
      return { type: 'stream', n, entry: stream.entry };
    }
    const { parts, count } = stream;
    if (this.#sent === count) return undefined;
    const before = Math.max(this.#sent, count - parts.length);
    this.#sent = count;
    return { type: 'parts', n, before, parts: parts.slice(parts.length - (count - before)) };
  }

  #nextRows(): HubEvent | undefined {
    const changed: OpenStream[] = [];
    for (const stream of this.#streams.all) {
      if (this.#versions.get(stream.n) !== stream.version) changed.push(stream);
    }
    const gone = [...this.#versions.keys()].filter((n) => this.#streams.at(n) === undefined);
    const all = this.#isFirst;
    if (changed.length + gone.length === 0 && !all) return undefined;
    this.#isFirst = false;
    for (const { n, version } of changed) this.#versions.set(n, version);
    return {
      type: 'streams',
      ...(all && { all }),
      changed: changed.map(({ row }) => row),
      gone: gone.map((n) => this.#gone(n)),
    };
  }

  #gone(n: number): { n: number; becomes?: number } {
    const becomes = this.#becomes.get(n);
    this.#versions.delete(n);
    this.#becomes.delete(n);
    return { n, ...(becomes !== undefined && { becomes }) };
  }
}
