import type { RequestHead, ResponseHead } from '../exchange.ts';
import type { StreamKind } from './stream-kind.ts';

/** A stream whose answer has begun; plain data, which another thread can take. */
export type StreamHead = {
  /** The id of the exchange that it becomes. */
  readonly key: string;
  readonly kind: StreamKind;
  readonly seq: number;
  readonly request: RequestHead;
  readonly response: ResponseHead;
  /** The address and port that answered. */
  readonly upstream?: string;
  /** When the head of the answer had come, in milliseconds from the start. */
  readonly headMs: number;
};

/** Bytes of a stream as they passed: a whole message of a WebSocket, otherwise any part of a body. */
export type StreamChunk = {
  readonly key: string;
  readonly from: 'client' | 'server';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** RFC 6455, 11.8. Set for messages of a WebSocket. */
  readonly opcode?: number;
  /** Absent where the message is too large to be shown. */
  readonly bytes?: Uint8Array;
  /** Bytes that passed. */
  readonly size: number;
};

/** What has happened to streams since the last time, in this order. */
export type StreamNews = {
  readonly begun: readonly StreamHead[];
  readonly chunks: readonly StreamChunk[];
  /** Chunks that were not taken in time, by key. What follows them may begin within an event or a message. */
  readonly dropped: ReadonlyMap<string, number>;
  /** The keys of streams that have ended. */
  readonly ended: readonly string[];
};

export type LiveStreamsOptions = {
  /** For how long news is gathered, in milliseconds. Streams that end within it are not told of. */
  readonly gatherMs?: number;
  /** Bytes and chunks that wait at most. */
  readonly most?: { readonly bytes: number; readonly chunks: number };
};

const usualMost = { bytes: 4 * 1024 * 1024, chunks: 20_000 };
/** Larger messages of a WebSocket are told of without their bytes. */
const maxMessageBytes = 1024 * 1024;
/** Further streams are not told of while so many are open. */
const maxStreams = 5000;

/**
 * The streams of a recording while they run: a view beside the journal, which may lose parts and never holds anything up.
 * One batch of news is on its way at a time; what does not fit into the next one is dropped and counted.
 */
export class LiveStreams {
  /** Called with the head of each stream that is still open after the time of gathering. */
  onBegun: ((head: StreamHead) => void) | undefined;
  readonly #gatherMs: number;
  readonly #most: NonNullable<LiveStreamsOptions['most']>;
  readonly #open = new Set<string>();
  #take: ((news: StreamNews) => Promise<unknown>) | undefined;
  #begun = new Map<string, StreamHead>();
  #chunks: StreamChunk[] = [];
  #bytes = 0;
  #dropped = new Map<string, number>();
  #ended: string[] = [];
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ gatherMs = 20, most = usualMost }: LiveStreamsOptions = {}) {
    this.#gatherMs = gatherMs;
    this.#most = most;
  }

  /** Whether anybody wants to know of streams. */
  get isWatched(): boolean {
    return this.#take !== undefined || this.onBegun !== undefined;
  }

  /**
   * Hands over news from now on.
   *
   * @param take resolves when the next batch may come
   */
  watch(take: (news: StreamNews) => Promise<unknown>): void {
    this.#take = take;
  }

  /** An answer has begun. Returns undefined when too many streams are open. */
  begin(head: StreamHead): LiveStream | undefined {
    if (this.#open.size >= maxStreams) return undefined;
    const { key } = head;
    this.#open.add(key);
    this.#begun.set(key, head);
    this.#schedule();
    return {
      chunk: (from, bytes) => this.#add({ key, from, at: Date.now(), size: bytes.length }, bytes),
      message: (from, at, opcode, bytes) =>
        this.#add({ key, from, at, opcode, size: bytes.length }, bytes),
      end: () => this.#end(key),
    };
  }

  #add(chunk: StreamChunk, bytes: Uint8Array): void {
    if (this.#take === undefined) return;
    const isShown = chunk.opcode === undefined || bytes.length <= maxMessageBytes;
    const isFull =
      this.#chunks.length >= this.#most.chunks ||
      (isShown && this.#bytes + bytes.length > this.#most.bytes);
    if (isFull) this.#dropped.set(chunk.key, (this.#dropped.get(chunk.key) ?? 0) + 1);
    else if (isShown) {
      this.#bytes += bytes.length;
      // A copy of its own: cloning a view would copy all of the buffer behind it.
      this.#chunks.push({ ...chunk, bytes: new Uint8Array(bytes) });
    } else this.#chunks.push(chunk);
    this.#schedule();
  }

  #end(key: string): void {
    if (!this.#open.delete(key)) return;
    // Nobody has been told of it, so nobody needs to be.
    if (!this.#begun.delete(key)) this.#ended.push(key);
    else this.#forget(key);
    this.#schedule();
  }

  #forget(key: string): void {
    this.#dropped.delete(key);
    this.#chunks = this.#chunks.filter((chunk) => chunk.key !== key);
    this.#bytes = this.#chunks.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  }

  #schedule(): void {
    if (this.#isBusy || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#hand(), this.#gatherMs);
    this.#timer.unref();
  }

  async #hand(): Promise<void> {
    this.#timer = undefined;
    const begun = [...this.#begun.values()];
    const [chunks, dropped, ended] = [this.#chunks, this.#dropped, this.#ended];
    this.#begun = new Map();
    this.#chunks = [];
    this.#bytes = 0;
    this.#dropped = new Map();
    this.#ended = [];
    if (this.onBegun) for (const head of begun) this.onBegun(head);
    if (this.#take === undefined) return;
    if (begun.length + chunks.length + dropped.size + ended.length === 0) return;
    this.#isBusy = true;
    await this.#take({ begun, chunks, dropped, ended });
    this.#isBusy = false;
    if (this.#begun.size + this.#chunks.length + this.#dropped.size + this.#ended.length > 0) {
      this.#schedule();
    }
  }
}

/** A stream that runs. */
export type LiveStream = {
  /** Bytes of a body have passed. */
  chunk(from: StreamChunk['from'], bytes: Uint8Array): void;
  /** A message of a WebSocket has passed. */
  message(from: StreamChunk['from'], at: number, opcode: number, bytes: Uint8Array): void;
  end(): void;
};
