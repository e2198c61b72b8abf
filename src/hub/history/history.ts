import { type FileHandle, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, UserError } from '../../errors.ts';
import type { HarEntry } from '../../har/types.ts';
import { makePrivateFolder } from '../../new-files.ts';
import { WriteQueue } from '../../record/write-queue.ts';
import type { Row } from '../../sync/wire/page-events.ts';
import type { Session } from '../../sync/wire/protocol.ts';
import type { EntrySource } from '../collections.ts';
import { type ByteRange, EntryFile } from './entry-file.ts';
import { beginIndex, type HistoryFiles, openFiles } from './files.ts';
import {
  emptyIndex,
  type HistoryIndex,
  type KnownSession,
  rowLine,
  sessionLine,
} from './index-file.ts';
import { lockHistory } from './lock.ts';
import { rowOf } from './rows.ts';

/** Entries that arrive within this time are written together. */
const batchMs = 8;
/** When more than this waits for the disk, proxies wait too. */
const congestedBytes = 32 * 1024 * 1024;

/** An entry that waits to be written. `from` is its offset in the batch. */
type Pending = {
  readonly row: Row;
  readonly seq: number;
  readonly from: number;
  readonly length: number;
};

/**
 * Everything that a client has received, in a folder: a file with a line of JSON for each entry, and an index. Both are
 * only appended to, the entries first, so when the process is killed every line except perhaps the last is complete. Memory
 * holds one row for each entry.
 */
export class History {
  readonly folder: string;
  /** Called with the rows that have been written, in order. */
  onStored: (rows: readonly Row[]) => void = () => {};
  /** Called with the error of the first write that fails. Nothing is written after it. */
  onFailure: (error: UserError) => void = () => {};
  readonly #unlock: () => Promise<void>;
  #index: HistoryIndex;
  #indexFile: FileHandle;
  #entries: EntryFile;
  /** The row number of the latest entry, written or not. */
  #lastPlace: number;
  /** The highest seq of each session, written or not. */
  readonly #accepted = new Map<string, number>();
  readonly #queue = new WriteQueue();
  #pending: Pending[] = [];
  #pendingSessions: Session[] = [];
  #writingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The queue of operations on the files, which run one after the other. */
  #work: Promise<void> = Promise.resolve();
  #busy = 0;
  #failed = false;
  #waiting: (() => void)[] = [];

  private constructor(
    folder: string,
    unlock: () => Promise<void>,
    { index, indexFile, entries }: HistoryFiles,
  ) {
    this.folder = folder;
    this.#unlock = unlock;
    this.#index = index;
    this.#indexFile = indexFile;
    this.#entries = entries;
    this.#lastPlace = this.last;
    for (const { session, last } of index.sessions.values()) this.#accepted.set(session.id, last);
  }

  /**
   * Opens the history in a folder, or creates one there: mode 0700, its files 0600. An incomplete end that a killed process
   * left is removed.
   *
   * @throws UserError when the folder cannot be written, is in use, or holds a history that cannot be read
   */
  static async open(folder: string): Promise<History> {
    try {
      await makePrivateFolder(folder);
      const unlock = await lockHistory(folder);
      try {
        return new History(folder, unlock, await openFiles(folder));
      } catch (error) {
        await unlock();
        throw error;
      }
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      throw new UserError(`Cannot keep a history in ${folder}: ${describeError(cause)}`, {
        cause,
        hint: 'Choose another folder: pmproxy client --history <folder>',
      });
    }
  }

  /** The unique id of this history. */
  get id(): string {
    return this.#index.id;
  }

  /** The number of the last row that was cleared. */
  get clearedThrough(): number {
    return this.#index.through;
  }

  /** The number of the latest row, even if it was cleared. */
  get last(): number {
    return this.#index.through + this.#index.rows.length;
  }

  get sessions(): Iterable<KnownSession> {
    return this.#index.sessions.values();
  }

  /** Whether too much waits for the disk, so that no more entries should be accepted. */
  get congested(): boolean {
    return !this.#failed && this.#writingBytes + this.#queue.bytes > congestedBytes;
  }

  /** Calls back once, when the disk has caught up with the proxies. */
  onceDrained(resume: () => void): void {
    if (this.congested) this.#waiting.push(resume);
    else setImmediate(resume);
  }

  /** The highest seq of a session that was written; 0 for none. */
  stored(sessionId: string): number {
    return this.#index.sessions.get(sessionId)?.last ?? 0;
  }

  /** The highest seq of a session that was accepted, written or not; 0 for none. */
  accepted(sessionId: string): number {
    return this.#accepted.get(sessionId) ?? 0;
  }

  /** Adds a session. */
  addSession(session: Session): void {
    if (this.#accepted.has(session.id)) return;
    this.#accepted.set(session.id, 0);
    this.#pendingSessions.push(session);
    this.#schedule();
  }

  /**
   * Accepts an entry as the next row. `onStored` is called when it is written.
   *
   * @param given its JSON in one line, if it is known; not to be changed afterwards
   * @returns the number of the row; undefined when the history can no longer be written
   * @throws RangeError for an entry that is nested too deeply to be written
   */
  append(session: Session, seq: number, entry: HarEntry, given?: Uint8Array): number | undefined {
    if (this.#failed) return undefined;
    const place = this.#lastPlace + 1;
    // An invalid entry fails here, before any part of it is accepted.
    const [json, row] = [given ?? JSON.stringify(entry), rowOf(place, session.id, entry)];
    const start = `{"n":${place},"session":${JSON.stringify(session.id)},"seq":${seq}`;
    this.#queue.addText(`${start},"exchange":`);
    const from = this.#queue.bytes;
    if (typeof json === 'string') this.#queue.addText(json);
    else this.#queue.add(json);
    const length = this.#queue.bytes - from;
    this.#queue.addText('}\n');
    this.#lastPlace = place;
    this.#accepted.set(session.id, seq);
    this.#pending.push({ row, seq, from, length });
    this.#schedule();
    return place;
  }

  /** At most `limit` rows after this number, in order. */
  rowsAfter(place: number, limit: number): readonly Row[] {
    const from = Math.max(0, place - this.#index.through);
    return this.#index.rows.slice(from, from + limit);
  }

  /** The JSON of the entry with this row number; undefined when there is none, or it was cleared. */
  async entry(place: number): Promise<Buffer | undefined> {
    const found = this.#rangesOf([place]);
    const file = this.#entries;
    return file.use(async () => (await file.read(found).next()).value ?? undefined);
  }

  /**
   * Runs a task with the entries of these rows, or with all entries. They stay readable until the task has ended, even if
   * they are cleared meanwhile. Entries that were cleared before are left out.
   */
  withEntries<T>(
    rows: readonly number[] | 'all',
    task: (entries: EntrySource) => Promise<T>,
  ): Promise<T> {
    const ranges = this.#rangesOf(rows === 'all' ? this.#all() : rows);
    const file = this.#entries;
    const source: EntrySource = {
      size: ranges.length,
      async *read(order) {
        const chosen = order === undefined ? ranges : pick(ranges, order);
        for await (const bytes of file.read(chosen)) yield JSON.parse(bytes.toString());
      },
    };
    return file.use(() => task(source));
  }

  /** Waits until every accepted entry is written. */
  async flush(): Promise<void> {
    do {
      this.#flush();
      await this.#work;
    } while (!this.#failed && (this.#pending.length > 0 || this.#pendingSessions.length > 0));
  }

  /**
   * Removes all entries that exist at the time of the call. The seqs of the sessions are kept, and row numbers continue.
   *
   * @param before runs when all entries are written, before they are removed; nothing else is written meanwhile
   * @returns the number of the last row that was removed
   * @throws an error of the file system or of `before`; the history is then unchanged
   */
  async clear(before: () => Promise<void> = async () => {}): Promise<number> {
    this.#flush();
    await this.#next(async () => {
      await before();
      const index = emptyIndex(this.#index);
      if (index.entries === this.#index.entries) return;
      const old = this.#entries;
      const entries = await EntryFile.open(join(this.folder, index.entries));
      let indexFile: FileHandle;
      try {
        indexFile = await beginIndex(this.folder, index);
      } catch (error) {
        await entries.remove();
        throw error;
      }
      await this.#indexFile.close();
      [this.#index, this.#indexFile, this.#entries] = [index, indexFile, entries];
      await old.remove();
    });
    return this.clearedThrough;
  }

  /** Writes pending entries and closes the files. `remove` also removes the folder. */
  async close({ remove = false } = {}): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    await this.#entries.close();
    await this.#indexFile.close();
    if (remove) await rm(this.folder, { recursive: true, force: true });
    else await this.#unlock();
  }

  *#all(): Iterable<number> {
    for (let place = this.clearedThrough + 1; place <= this.last; place += 1) yield place;
  }

  #rangesOf(rows: Iterable<number>): ByteRange[] {
    const { through, ranges } = this.#index;
    const found: ByteRange[] = [];
    for (const row of rows) {
      const at = (row - through - 1) * 2;
      const [offset, length] = [ranges[at], ranges[at + 1]];
      if (offset !== undefined && length !== undefined) found.push({ offset, length });
    }
    return found;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#busy > 0) return;
    this.#timer = setTimeout(() => this.#flush(), batchMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failed || (this.#pending.length === 0 && this.#pendingSessions.length === 0)) return;
    const [pending, sessions, batch] = [this.#pending, this.#pendingSessions, this.#queue.take()];
    this.#pending = [];
    this.#pendingSessions = [];
    this.#writingBytes += batch.bytes;
    const write = async () => {
      if (this.#failed) return;
      await this.#write(pending, sessions, batch.blocks);
      batch.release();
      this.#writingBytes -= batch.bytes;
      this.#resumeWaiting();
    };
    this.#next(write).catch((error: unknown) => this.#fail(error));
  }

  // A failure is returned to the caller, and the operations after it still run.
  #next(task: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    const done = this.#work.then(task).finally(() => {
      this.#busy -= 1;
      // Not at once: on a fast disk, batches would be tiny, and each batch has a fixed cost.
      if (this.#pending.length > 0 || this.#pendingSessions.length > 0) this.#schedule();
    });
    this.#work = done.catch(() => {});
    return done;
  }

  async #write(
    pending: readonly Pending[],
    sessions: readonly Session[],
    blocks: readonly Uint8Array[],
  ): Promise<void> {
    const { rows, ranges, sessions: known } = this.#index;
    const start = this.#entries.size;
    if (blocks.length > 0) await this.#entries.append(blocks);
    const lines = sessions.map(sessionLine);
    for (const { row, seq, from, length } of pending) {
      lines.push(rowLine(row, seq, start + from, length));
    }
    await this.#indexFile.appendFile(lines.join(''));
    for (const session of sessions) known.set(session.id, { session, last: 0 });
    for (const { row, seq, from, length } of pending) {
      rows.push(row);
      ranges.push(start + from, length);
      const session = known.get(row.session);
      if (session !== undefined) session.last = seq;
    }
    this.onStored(pending.map(({ row }) => row));
  }

  #resumeWaiting(): void {
    if (this.#waiting.length === 0 || this.congested) return;
    for (const resume of this.#waiting.splice(0)) setImmediate(resume);
  }

  #fail(cause: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const resume of this.#waiting.splice(0)) setImmediate(resume);
    const message = `Cannot write the history to ${this.folder}: ${describeError(cause)}`;
    const hint = 'Free some space, or choose another folder with --history. Proxies send it again.';
    this.onFailure(new UserError(message, { cause, hint }));
  }
}

function* pick(ranges: readonly ByteRange[], order: Iterable<number>): Iterable<ByteRange> {
  for (const at of order) {
    const place = ranges[at];
    if (place !== undefined) yield place;
  }
}
