import type { StreamChunk, StreamHead, StreamNews } from '../../record/live-streams.ts';
import { maxPartsAtOnce, type ProxyMessage } from '../wire/protocol.ts';
import type { StreamPart } from '../wire/stream-part.ts';
import type { Encoder } from './encoding.ts';
import { exchangeOf, type PartReader, partReader } from './part-reader.ts';
import type { Transfer } from './transfer.ts';

type Begun = Extract<ProxyMessage, { type: 'begun' }>;

/** A stream that runs. */
type OpenStream = {
  readonly head: StreamHead;
  readonly reader: PartReader;
  /** The message that shows it. */
  readonly begun: Begun;
  /** The connection on which the client was told of it. */
  shownOn?: Transfer;
  /** The latest parts that the client could not be shown yet. */
  held: StreamPart[];
  /** How many parts before those were dropped. */
  dropped: number;
};

/** Parts that are held for a client that is absent, has paused or does not keep up: of each stream. */
const mostHeld = { parts: 100, bytes: 64 * 1024 };

/** Shows a client the streams of a recording while they run, without their secrets. Nothing waits for the client. */
export class StreamView {
  readonly #encoder: Encoder;
  /** The connection to the client now, if there is one. */
  readonly #transfer: () => Transfer | undefined;
  readonly #open = new Map<string, OpenStream>();

  constructor(encoder: Encoder, transfer: () => Transfer | undefined) {
    this.#encoder = encoder;
    this.#transfer = transfer;
  }

  /** Takes news of the recorder. Resolves when more may come. */
  async take({ begun, chunks, dropped, ended }: StreamNews): Promise<void> {
    for (const head of begun) await this.#careful(head.key, () => this.#begin(head));
    for (const [key, some] of groupedByKey(chunks)) {
      await this.#careful(key, () => this.#read(key, some));
    }
    for (const [key, count] of dropped) {
      const stream = this.#open.get(key);
      if (stream === undefined) continue;
      stream.reader.skip();
      stream.dropped += count;
    }
    for (const key of ended) this.#end(key);
  }

  /** Shows the client what it has not been told of: it is there only now, or wants more than before. */
  catchUp(): void {
    for (const stream of this.#open.values()) if (this.#isShown(stream)) this.#show(stream);
  }

  // What cannot be read is not shown. The exchange reports the fault when it is pushed.
  async #careful(key: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch {
      this.#end(key);
    }
  }

  async #begin(head: StreamHead): Promise<void> {
    const { key, kind } = head;
    const exchange = await this.#encoder.entry(exchangeOf(head));
    const reader = partReader(head, this.#encoder);
    const begun: Begun = { type: 'begun', key, kind, exchange };
    const stream: OpenStream = { head, reader, begun, held: [], dropped: 0 };
    this.#open.set(key, stream);
    this.#isShown(stream);
  }

  async #read(key: string, chunks: readonly StreamChunk[]): Promise<void> {
    const stream = this.#open.get(key);
    if (stream === undefined) return;
    const parts: StreamPart[] = [];
    for (const chunk of chunks) parts.push(...(await stream.reader.read(chunk)));
    if (parts.length === 0) return;
    stream.held.push(...parts);
    this.#show(stream);
  }

  #show(stream: OpenStream): void {
    const { key } = stream.head;
    while (stream.held.length > 0 && this.#isShown(stream)) {
      const parts = stream.held.slice(0, maxPartsAtOnce);
      const { dropped } = stream;
      const message = { type: 'part', key, parts, ...(dropped > 0 && { dropped }) } as const;
      if (!this.#transfer()?.show(message)) break;
      stream.held.splice(0, parts.length);
      stream.dropped = 0;
    }
    dropOldest(stream);
  }

  #end(key: string): void {
    const stream = this.#open.get(key);
    if (stream === undefined) return;
    const { dropped, shownOn } = stream;
    const transfer = this.#transfer();
    if (shownOn !== undefined && shownOn === transfer) {
      transfer.show({ type: 'part', key, parts: [], ended: true, ...(dropped > 0 && { dropped }) });
    }
    stream.reader.close();
    this.#open.delete(key);
  }

  // Told on each connection anew, since the client may be another one.
  #isShown(stream: OpenStream): boolean {
    const transfer = this.#transfer();
    if (transfer === undefined) return false;
    if (stream.shownOn === transfer) return true;
    const isWanted = transfer.filter === undefined || transfer.filter(exchangeOf(stream.head));
    if (!isWanted || !transfer.show(stream.begun)) return false;
    stream.shownOn = transfer;
    return true;
  }
}

function dropOldest(stream: OpenStream): void {
  let bytes = 0;
  let kept = 0;
  for (const { size } of stream.held.toReversed()) {
    bytes += size;
    if (kept === mostHeld.parts || bytes > mostHeld.bytes) break;
    kept += 1;
  }
  const gone = stream.held.length - kept;
  stream.held.splice(0, gone);
  stream.dropped += gone;
}

function groupedByKey(chunks: readonly StreamChunk[]): Map<string, StreamChunk[]> {
  const grouped = new Map<string, StreamChunk[]>();
  for (const chunk of chunks) {
    const some = grouped.get(chunk.key);
    if (some) some.push(chunk);
    else grouped.set(chunk.key, [chunk]);
  }
  return grouped;
}
