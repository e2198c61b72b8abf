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

/** What comes within so many milliseconds is written at once. */
const batchMs = 8;
/** Beyond this much waiting for the disk, proxies wait as well. */
const congestedBytes = 32 * 1024 * 1024;

/** An entry that waits to be written; `from` counts from the start of its batch. */
type Pending = {
  readonly row: Row;
  readonly seq: number;
  readonly from: number;
  readonly length: number;
};

/**
 * All that a client has received, in a folder: a file with a line of JSON for each entry as it came, and an index beside
 * it. Both only grow, the entries first, so that a process that is killed leaves every line but perhaps the last one
 * whole. In memory there is a row for each.
 */
export class History {
  readonly folder: string;
  /** Called with the rows that have been written, in order. */
  onStored: (rows: readonly Row[]) => void = () => {};
  /** Called with the first write that fails; nothing is written after it. */
  onFailure: (error: UserError) => void = () => {};
  readonly #unlock: () => Promise<void>;
  #index: HistoryIndex;
  #indexFile: FileHandle;
  #entries: EntryFile;
  /** The place that the latest entry has, written or not. */
  #lastPlace: number;
  /** The highest seq of each session, written or not. */
  readonly #accepted = new Map<string, number>();
  readonly #queue = new WriteQueue();
  #pending: Pending[] = [];
  #pendingSessions: Session[] = [];
  #writingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What is done to the files, one thing after the other. */
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
   * Opens the history in a folder, or begins one there; mode 0700, its files 0600. What a killed process wrote half of is
   * cut off.
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

  /** Tells this history from every other. */
  get id(): string {
    return this.#index.id;
  }

  /** Rows up to this one were cleared. */
  get clearedThrough(): number {
    return this.#index.through;
  }

  /** The place of the latest row there is, or was. */
  get last(): number {
    return this.#index.through + this.#index.rows.length;
  }

  get sessions(): Iterable<KnownSession> {
    return this.#index.sessions.values();
  }

  /** Too much waits for the disk: nothing more should be taken in. */
  get congested(): boolean {
    return !this.#failed && this.#writingBytes + this.#queue.bytes > congestedBytes;
  }

  /** Calls back once, when the disk has caught up. */
  onceDrained(resume: () => void): void {
    if (this.congested) this.#waiting.push(resume);
    else setImmediate(resume);
  }

  /** The highest seq of a session that was written; 0 for none. */
  stored(sessionId: string): number {
    return this.#index.sessions.get(sessionId)?.last ?? 0;
  }

  /** The highest seq of a session that was taken in, written or not; 0 for none. */
  accepted(sessionId: string): number {
    return this.#accepted.get(sessionId) ?? 0;
  }

  /** Makes a session known. */
  addSession(session: Session): void {
    if (this.#accepted.has(session.id)) return;
    this.#accepted.set(session.id, 0);
    this.#pendingSessions.push(session);
    this.#schedule();
  }

  /**
   * Takes an entry in, under the next place; `onStored` tells when it is written.
   *
   * @throws RangeError for one that is nested too deeply to be written
   */
  append(session: Session, seq: number, entry: HarEntry): void {
    if (this.#failed) return;
    const place = this.#lastPlace + 1;
    // Whatever is wrong with an entry shows here, before anything of it is taken in.
    const [json, row] = [JSON.stringify(entry), rowOf(place, session.id, entry)];
    const start = `{"n":${place},"session":${JSON.stringify(session.id)},"seq":${seq}`;
    this.#queue.addText(`${start},"exchange":`);
    const from = this.#queue.bytes;
    this.#queue.addText(json);
    const length = this.#queue.bytes - from;
    this.#queue.addText('}\n');
    this.#lastPlace = place;
    this.#accepted.set(session.id, seq);
    this.#pending.push({ row, seq, from, length });
    this.#schedule();
  }

  /** At most `limit` rows behind this place, in order. */
  rowsAfter(place: number, limit: number): readonly Row[] {
    const from = Math.max(0, place - this.#index.through);
    return this.#index.rows.slice(from, from + limit);
  }

  /** The JSON of an entry; undefined where there is none (any more). */
  async entry(place: number): Promise<Buffer | undefined> {
    const found = this.#rangesOf([place]);
    const file = this.#entries;
    return file.use(async () => (await file.read(found).next()).value ?? undefined);
  }

  /**
   * Lends the entries at these ranges, or all there are now, until a task is done, also if they are cleared meanwhile.
   * Those that are gone by now are left out.
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

  /** Waits until everything that was taken in is written. */
  async flush(): Promise<void> {
    do {
      this.#flush();
      await this.#work;
    } while (!this.#failed && (this.#pending.length > 0 || this.#pendingSessions.length > 0));
  }

  /**
   * Removes all that was there when it was called. What was stored of each session stays known, and ranges go on.
   *
   * @param before what is to be done when all of it is written; until then nothing else is
   * @returns the place up to which rows are gone
   * @throws what the disk or `before` throws; the history is then as it was
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

  /** Writes what waits and closes the files; `remove` takes the folder away. */
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

  // Failures are the caller's; what follows is done all the same.
  #next(task: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    const done = this.#work.then(task).finally(() => {
      this.#busy -= 1;
      // Not at once: batches would be as small as the disk is quick, and each costs the same.
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
