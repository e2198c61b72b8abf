import { createHash } from 'node:crypto';
import { close, fstatSync, read } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { release } from '../body-memory.ts';
import { errorCode, UserError } from '../errors.ts';
import { makePrivateFolder, PRIVATE, writeNew } from '../new-files.ts';
import { processMark } from '../running-process.ts';
import { appendAll, appendAllSync } from './appending.ts';
import { Blob, type BlobBatch } from './blob.ts';
import { journalFiles, openJournalFile } from './journal-files.ts';
import type { JournalOwner } from './journals.ts';
import { createSegments, type Segment } from './segments.ts';
import { type Batch, WriteQueue } from './write-queue.ts';

const closeFile = promisify(close);
const pread = promisify(read);

/** When more than this waits for the disk, traffic waits too. */
const congestedBytes = 16 * 1024 * 1024;
/** Lines that are appended within this time are written together. A line must be on disk within 20 ms. */
const batchMs = 5;
/**
 * A batch up to this size is written by this thread: it takes about 0.1 ms, where a thread of the pool has to be given a
 * processor first, twice. A larger one could hold up the traffic.
 */
const smallBatchBytes = 256 * 1024;
/** The interval between checks that the folder still exists. */
const lookMs = 500;

/**
 * A recording's exchanges on disk, written as they end: an index with one line of JSON for each exchange, and a blob with
 * the bodies. Files are only appended to, the blob before the index, so when the process is killed every line except
 * perhaps the last is complete.
 */
export class Journal {
  readonly folder: string;
  /** When the journal was created, ISO 8601. */
  readonly startedAt: string;
  /** Called with the error of the first write that fails. Nothing is written after it. */
  onFailure: (error: Error) => void = () => {};
  /**
   * Called within a second when the folder has been removed or moved. Exchanges that end afterwards still go to the open
   * files, and can be read through `segments`.
   */
  onGone: (error: UserError) => void = () => {};
  #isGone = false;
  readonly #look: NodeJS.Timeout;
  /** The descriptor of the index; -1 when the journal is closed. */
  #index: number;
  readonly #blob: Blob;
  #workers: readonly Segment[] = [];
  readonly #lines = new WriteQueue();
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the oldest pending line was added. */
  #waitingSince = 0;
  #flushing: Promise<void> | undefined;
  #failed = false;
  #waiting: (() => void)[] = [];
  readonly #followers: (() => void)[] = [];

  private constructor(folder: string, startedAt: string, index: number, blob: Blob) {
    this.folder = folder;
    this.startedAt = startedAt;
    this.#index = index;
    this.#blob = blob;
    this.#look = setInterval(() => void this.look(), lookMs).unref();
  }

  /**
   * Starts a journal in a new folder below `parent`, mode 0700.
   *
   * @param workers how many processes write to it, each through {@link openSegment}; without any, this process does
   * @throws UserError when the folder cannot be written
   */
  static async create(
    parent: string,
    owner: Pick<JournalOwner, 'version' | 'outputs' | 'session'>,
    workers = 0,
  ): Promise<Journal> {
    const startedAt = new Date().toISOString();
    const unique = createHash('sha256')
      .update(`${startedAt}${process.pid}${performance.now()}`)
      .digest('hex')
      .slice(0, 6);
    const name = `${startedAt.replace(/[-:]|\.\d+Z/g, '').replace('T', '-')}-${unique}`;
    const folder = join(parent, name);
    const full: JournalOwner = { format: 1, ...processMark(), startedAt, ...owner };
    try {
      await makePrivateFolder(folder);
      await writeNew(join(folder, journalFiles.owner), `${JSON.stringify(full)}\n`, PRIVATE);
      const journal = await Journal.#open(folder, startedAt, 'new');
      journal.#workers = await createSegments(folder, workers);
      return journal;
    } catch (error) {
      throw new UserError(`Cannot keep a journal in ${parent}: ${(error as Error).message}`, {
        cause: error,
        hint: 'Choose another folder: PMPROXY_HOME=<folder>',
      });
    }
  }

  /**
   * Opens the segment of a worker, which is there already, in the worker.
   *
   * @param startedAt of the journal, ISO 8601
   * @throws the error of the file system
   */
  static async openSegment(folder: string, startedAt: string): Promise<Journal> {
    return Journal.#open(folder, startedAt, 'begun');
  }

  static async #open(folder: string, startedAt: string, state: 'new' | 'begun'): Promise<Journal> {
    const index = await openJournalFile(join(folder, journalFiles.index), state);
    const blob = await Blob.open(join(folder, journalFiles.blob), state);
    return new Journal(folder, startedAt, index, blob);
  }

  /** Everything that the journal consists of, open for reading. */
  get segments(): readonly Segment[] {
    if (this.#workers.length > 0) return this.#workers;
    return [{ folder: this.folder, index: this.#index, blob: this.#blob.file }];
  }

  /** Whether the folder was found removed or moved. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Checks that the folder still exists. */
  async look(): Promise<void> {
    if (this.#index === -1) return;
    const own = fstatSync(this.#index, { bigint: true });
    try {
      const found = await stat(join(this.folder, journalFiles.index), { bigint: true });
      if (found.ino !== own.ino) this.vanish();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) this.vanish();
    }
  }

  /** The folder, or that of a worker, was removed or moved. */
  vanish(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.onGone(
      new UserError(
        `Recording stopped: ${this.folder} was removed or moved while pmproxy was writing to it.`,
        { hint: 'Keep journals in a folder that nothing cleans up: PMPROXY_HOME=<folder>' },
      ),
    );
  }

  get congested(): boolean {
    if (this.#failed) return false;
    return this.#pendingBytes + this.#blob.bytes + this.#lines.bytes > congestedBytes;
  }

  /** Calls back once, when the disk has caught up with the traffic. */
  onceDrained(resume: () => void): void {
    if (this.congested) this.#waiting.push(resume);
    else setImmediate(resume);
  }

  /** Counts bytes that wait to be written to other files in the journal's folder. */
  countPending(bytes: number): void {
    this.#pendingBytes += bytes;
    if (bytes < 0 && this.#waiting.length > 0 && this.#pendingBytes < congestedBytes / 2) {
      for (const resume of this.#waiting.splice(0)) setImmediate(resume);
    }
  }

  /**
   * Adds a body to the blob. It is written before the next line.
   *
   * @param chunks not to be changed until they are written; then they are released
   * @returns its range in the blob, in bytes
   */
  put(chunks: readonly Uint8Array[]): [offset: number, length: number] {
    if (!this.#failed) return this.#blob.put(chunks);
    chunks.forEach(release);
    return [0, 0];
  }

  /** Writes what is pending, and reads a range of the blob. */
  async bytesAt([offset, length]: readonly [offset: number, length: number]): Promise<Uint8Array> {
    await this.flush();
    const { buffer } = await pread(this.#blob.file, Buffer.alloc(length), 0, length, offset);
    return buffer;
  }

  /**
   * Appends a line to the index. It is on disk within 20 ms unless the disk is slow or the process is not scheduled; after
   * such a pause, the next line that is appended writes the pending ones.
   */
  append(line: string): void {
    if (this.#failed) return;
    if (this.#lines.bytes === 0) this.#waitingSince = performance.now();
    this.#lines.addText(line);
    this.#flushInTime();
  }

  /** Calls back each time that lines have been written, for followers of the journal. */
  whenWritten(tell: () => void): void {
    this.#followers.push(tell);
  }

  /** Whether anybody follows the journal. */
  get isFollowed(): boolean {
    return this.#followers.length > 0;
  }

  /** A worker has written lines. */
  tellFollowers(): void {
    for (const tell of this.#followers) tell();
  }

  /**
   * Writes pending bodies and lines, and waits until they are written. It does not wait for what is appended meanwhile, which
   * may go on and on.
   */
  async flush(): Promise<void> {
    if (this.#flushing) await this.#flushing;
    // The next batch may have begun already.
    if (!this.#flushing) this.#flush();
    await this.#flushing;
  }

  /** Closes the files and keeps them. */
  async close(): Promise<void> {
    do await this.flush();
    while (!this.#failed && (this.#lines.bytes > 0 || this.#flushing));
    clearInterval(this.#look);
    if (this.#index === -1) return;
    const workers = this.#workers.flatMap(({ index, blob }) => [index, blob]);
    const files = [this.#index, ...workers];
    this.#index = -1;
    this.#workers = [];
    await this.#blob.close();
    for (const file of files) await closeFile(file);
  }

  /** Closes the journal and removes it, because its recording has been written elsewhere. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #flushInTime(): void {
    if (this.#flushing !== undefined) return;
    const waitedMs = performance.now() - this.#waitingSince;
    // When the event loop is late, so is a timer.
    if (waitedMs >= batchMs) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), batchMs - waitedMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // After a failure the last line may be incomplete, and a further line would continue it.
    if (this.#failed || this.#lines.bytes === 0) return;
    const [bodies, lines] = [this.#blob.take(), this.#lines.take()];
    const bytes = bodies.bytes + lines.bytes;
    const written = () => {
      bodies.release();
      lines.release();
      this.tellFollowers();
    };
    if (bytes <= smallBatchBytes) {
      this.#writeSmall(bodies, lines, written);
      return;
    }
    this.#pendingBytes += bytes;
    this.#flushing = this.#writeLarge(bodies, lines).then(
      () => {
        this.#flushing = undefined;
        this.countPending(-bytes);
        written();
        // Not at once: on a fast disk, batches would be tiny, and each batch has a fixed cost.
        if (this.#lines.bytes > 0) this.#flushInTime();
      },
      (error: Error) => {
        this.#flushing = undefined;
        this.fail(error);
      },
    );
  }

  #writeSmall(bodies: BlobBatch, lines: Batch, written: () => void): void {
    try {
      this.#blob.writeSync(bodies);
      appendAllSync(this.#index, lines.blocks);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    written();
  }

  async #writeLarge(bodies: BlobBatch, lines: Batch): Promise<void> {
    await this.#blob.write(bodies);
    await appendAll(this.#index, lines.blocks);
  }

  /** Stops the journal and resumes the traffic that waits for it. `onFailure` then stops the recording. */
  fail(error: Error): void {
    if (this.#failed) return;
    // The file of a body could not be created in the folder. Other bodies and lines are still written.
    if (errorCode(error) === 'ENOENT') {
      this.vanish();
      return;
    }
    this.#failed = true;
    this.#pendingBytes = 0;
    for (const resume of this.#waiting.splice(0)) setImmediate(resume);
    this.onFailure(error);
  }
}
