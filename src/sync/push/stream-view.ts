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
  /** Parts that were dropped since the last message. */
  dropped: number;
};

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
    const stream: OpenStream = { head, reader, begun, dropped: 0 };
    this.#open.set(key, stream);
    this.#isShown(stream);
  }

  async #read(key: string, chunks: readonly StreamChunk[]): Promise<void> {
    const stream = this.#open.get(key);
    if (stream === undefined) return;
    const parts: StreamPart[] = [];
    for (const chunk of chunks) parts.push(...(await stream.reader.read(chunk)));
    for (let at = 0; at < parts.length; at += maxPartsAtOnce) {
      this.#show(stream, parts.slice(at, at + maxPartsAtOnce));
    }
  }

  #show(stream: OpenStream, parts: StreamPart[]): void {
    const { head, dropped } = stream;
    const isShown =
      this.#isShown(stream) &&
      this.#transfer()?.show({
        type: 'part',
        key: head.key,
        parts,
        ...(dropped > 0 && { dropped }),
      });
    stream.dropped = isShown ? 0 : dropped + parts.length;
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

function groupedByKey(chunks: readonly StreamChunk[]): Map<string, StreamChunk[]> {
  const grouped = new Map<string, StreamChunk[]>();
  for (const chunk of chunks) {
    const some = grouped.get(chunk.key);
    if (some) some.push(chunk);
    else grouped.set(chunk.key, [chunk]);
  }
  return grouped;
}
