import { close, closeSync, constants, ftruncateSync, openSync, writev } from 'node:fs';
import { promisify } from 'node:util';
import { AlignedQueue, alignUp } from './aligned-queue.ts';
import { appendAll, appendAllSync, restOf } from './appending.ts';
import { openJournalFile } from './journal-files.ts';
import { type Batch, WriteQueue } from './write-queue.ts';

const closeFile = promisify(close);
const pwritev = promisify(writev);

/** Bodies that were taken to be written. `position` is their offset in the file. */
export type BlobBatch = Batch & { readonly position: number; readonly isDirect: boolean };

/**
 * The file of a journal's bodies, which is only appended to.
 *
 * When large batches follow each other, they are written directly, past the page cache (open(2), O_DIRECT). A copy in the
 * cache costs more than the write on a machine that is short of memory or has to fetch it from its host, and it displaces
 * what other programs read. Directly written batches begin and end at multiples of `alignment`; the gaps belong to no body.
 */
export class Blob {
  #file: number;
  /** The same file, open for direct writes; -1 before they are needed. */
  #direct = -1;
  /** When direct writes may be tried, by `performance.now()`. */
  #directFrom = constants.O_DIRECT === undefined ? Number.POSITIVE_INFINITY : 0;
  /** How long they are left alone after a slow one, or where the file cannot be opened; in milliseconds. */
  #pauseMs = firstPauseMs;
  /** The offset of the next body. */
  #length = 0;
  readonly #buffered = new WriteQueue();
  readonly #aligned = new AlignedQueue();
  /** The one of the two that the next batch waits in. */
  #queue: WriteQueue | AlignedQueue = this.#buffered;

  private constructor(file: number) {
    this.#file = file;
  }

  /**
   * @param state a new file must not exist
   * @throws the error of the file system
   */
  static async open(path: string, state: 'new' | 'begun'): Promise<Blob> {
    return new Blob(await openJournalFile(path, state));
  }

  /** Its descriptor, open for appending and for reading; -1 when the blob is closed. */
  get file(): number {
    return this.#file;
  }

  /** How much waits to be taken. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /**
   * Adds a body.
   *
   * @param chunks not to be changed until they are written; then they are released
   * @returns its range in the file, in bytes
   */
  put(chunks: readonly Uint8Array[]): [offset: number, length: number] {
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    // A direct batch begins at a multiple. Where it has no bytes, nothing is written.
    if (length > 0 && this.#isDirect && this.bytes === 0) this.#length = alignUp(this.#length);
    const offset = this.#length;
    for (const chunk of chunks) this.#queue.add(chunk);
    this.#length += length;
    return [offset, length];
  }

  /** Takes all bodies that wait. Batches are to be written one after the other. */
  take(): BlobBatch {
    const isDirect = this.#isDirect && this.bytes > 0;
    const batch = this.#queue.take();
    if (isDirect) this.#length = alignUp(this.#length);
    const isLarge = batch.bytes >= (isDirect ? leastDirectBytes : largeBytes);
    this.#queue = isLarge && this.#canWriteDirectly() ? this.#aligned : this.#buffered;
    return { ...batch, isDirect, position: this.#length - batch.bytes };
  }

  /** @throws the error of the file system */
  async write(batch: BlobBatch): Promise<void> {
    const { blocks, bytes, position, isDirect } = batch;
    if (!isDirect) {
      await appendAll(this.#file, blocks);
      return;
    }
    const written = await this.#writeDirectly(batch);
    if (written === bytes) return;
    // What is appended must not begin before its place.
    ftruncateSync(this.#file, position + written);
    await appendAll(this.#file, restOf(blocks, written));
  }

  /** The same at once, through the page cache. */
  writeSync({ blocks, position, isDirect }: BlobBatch): void {
    if (isDirect) ftruncateSync(this.#file, position);
    appendAllSync(this.#file, blocks);
  }

  /** Closes the file. Nothing is being written. */
  async close(): Promise<void> {
    const file = this.#file;
    // The system may give the number to another file, which late bodies must not reach.
    this.#file = -1;
    this.#endDirectWrites();
    if (file !== -1) await closeFile(file);
  }

  #endDirectWrites(): void {
    this.#directFrom = Number.POSITIVE_INFINITY;
    if (this.#direct !== -1) closeSync(this.#direct);
    this.#direct = -1;
  }

  get #isDirect(): boolean {
    return this.#queue === this.#aligned;
  }

  #canWriteDirectly(): boolean {
    if (performance.now() < this.#directFrom) return false;
    if (this.#direct !== -1) return true;
    try {
      // The path may have been removed meanwhile.
      this.#direct = openSync(
        `/proc/self/fd/${this.#file}`,
        constants.O_WRONLY | constants.O_DIRECT,
      );
    } catch {
      // Perhaps only because the process has run out of descriptors.
      this.#pauseDirectWrites();
    }
    return this.#direct !== -1;
  }

  #pauseDirectWrites(): void {
    this.#directFrom = performance.now() + this.#pauseMs;
    this.#pauseMs *= 2;
  }

  // Returns how many bytes were written. A busy or slow disk is left to the cache of the system, which takes bursts at the
  // speed of memory.
  async #writeDirectly({ blocks, bytes, position }: BlobBatch): Promise<number> {
    if (this.#direct === -1) return 0;
    const start = performance.now();
    let written = 0;
    try {
      written = (await pwritev(this.#direct, blocks, position)).bytesWritten;
    } catch {
      // The reason is reported when appending fails as well.
    }
    const tookMs = performance.now() - start;
    if (written < bytes) this.#endDirectWrites();
    else if (tookMs < patienceMs + bytes / leastBytesPerMs) this.#pauseMs = firstPauseMs;
    else this.#pauseDirectWrites();
    return written;
  }
}

/** A batch of this size is followed by a direct one. */
const largeBytes = 1024 * 1024;
/** A smaller direct batch is followed by one that is not. */
const leastDirectBytes = 256 * 1024;
/** A slower disk pauses direct writes. */
const leastBytesPerMs = 200_000;
const patienceMs = 50;
const firstPauseMs = 500;
