import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hold, release } from '../body-memory.ts';
import type { Arrival } from '../exchange.ts';
import { retryingFiles } from './open-retrying.ts';

export type CaptureOptions = {
  readonly folder: string;
  /** At most this many bytes are kept. */
  readonly maxBytes: number;
  /** Called with the change in the number of bytes that wait for the disk, which may be negative. */
  readonly onPending: (bytes: number) => void;
  readonly onError: (error: Error) => void;
  /** The time since the start of the exchange, in milliseconds, if arrivals are recorded. */
  readonly elapsedMs?: () => number;
};

/** When there are more arrivals, every second one is forgotten. */
const MOST_ARRIVALS = 20_000;

/** A longer body is written to a file of its own while it arrives, instead of waiting in memory. */
export const spillBytes = 128 * 1024;

/** Captures one body while it passes. Small bodies wait in memory for the end of their exchange. */
export class BodyCapture {
  /** Bytes that passed. */
  size = 0;
  /** What is kept in memory; empty once spilled. */
  chunks: Uint8Array[] = [];
  /** The range of the kept bytes in the journal's blob, once they are there. */
  place: readonly [offset: number, length: number] | undefined;
  /** When the bytes arrived, if the options ask for it. */
  arrivals: Arrival[] | undefined;
  readonly #name: string;
  readonly #options: CaptureOptions;
  #kept = 0;
  #spill: WriteStream | undefined;

  constructor(name: string, options: CaptureOptions) {
    this.#name = name;
    this.#options = options;
  }

  get keptBytes(): number {
    return this.#kept;
  }

  get isCut(): boolean {
    return this.#kept < this.size;
  }

  get spilledTo(): string | undefined {
    return this.#spill && this.#name;
  }

  /** Takes the next chunk. Bytes beyond the limit are only counted. */
  add(chunk: Uint8Array): void {
    if (this.#options.elapsedMs) this.#noteArrival(this.#options.elapsedMs());
    this.size += chunk.length;
    const room = this.#options.maxBytes - this.#kept;
    if (room <= 0) return;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    this.#kept += part.length;
    hold(part);
    if (this.#spill) this.#write(part);
    else {
      this.chunks.push(part);
      if (this.#kept > spillBytes) this.#startSpill();
    }
  }

  /** Calls back when everything kept has been handed to the system, or when that has failed. */
  finish(done: () => void): void {
    const spill = this.#spill;
    if (spill === undefined) {
      done();
      return;
    }
    spill.end((error?: Error | null) => {
      // A stream calls this before it emits its error, so whoever relies on the body knows first.
      if (error) this.#options.onError(spill.errored ?? error);
      done();
    });
  }

  /** The kept bytes, from memory or from their file. */
  async bytes(): Promise<Uint8Array> {
    const spill = this.#spill;
    if (spill === undefined) return Buffer.concat(this.chunks);
    return await readFile(spill.path);
  }

  /** Takes what is kept in memory, which the caller then holds. */
  take(): Uint8Array[] {
    const { chunks } = this;
    this.chunks = [];
    return chunks;
  }

  /** Forgets what was kept. */
  discard(): void {
    this.take().forEach(release);
    this.#spill?.destroy();
  }

  /** Chunks that arrive at the same time count as one. */
  #noteArrival(atMs: number): void {
    this.arrivals ??= [];
    if (this.arrivals.at(-1)?.[1] === atMs) return;
    this.arrivals.push([this.size, atMs]);
    if (this.arrivals.length > MOST_ARRIVALS)
      this.arrivals = this.arrivals.filter((_, place) => place % 2 === 0);
  }

  #startSpill(): void {
    const spill = createWriteStream(join(this.#options.folder, this.#name), {
      flags: 'wx',
      mode: 0o600,
      fs: retryingFiles,
    });
    spill.on('error', this.#options.onError);
    this.#spill = spill;
    for (const chunk of this.take()) this.#write(chunk);
  }

  #write(chunk: Uint8Array): void {
    const { onPending } = this.#options;
    onPending(chunk.length);
    this.#spill?.write(chunk, () => {
      release(chunk);
      onPending(-chunk.length);
    });
  }
}
