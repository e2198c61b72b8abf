import { describeError, UserError } from '../errors.ts';
import type { Collections } from './collections.ts';
import type { History } from './history/history.ts';

export type TargetFileOptions = {
  readonly name: string;
  readonly history: History;
  readonly collections: Pick<Collections, 'add'>;
  readonly onSaved: (added: number) => void;
  readonly onFailure: (message: string) => void;
};

/** The shortest delay before the file is written, in which calls are collected. */
const shortestPauseMs = 500;
/** A file that takes long to write is written less often: the delay is this many times the writing time. */
const pausePerWriting = 9;
/** The longest delay before a failed write is tried again. */
const longestPauseMs = 60_000;

/** Adds calls to one collection as they arrive. A growing file is rewritten each time, so calls go in together. */
export class TargetFile {
  readonly name: string;
  readonly #options: TargetFileOptions;
  /** The calls that the file does not hold yet, by their rows in the history. */
  #waiting: number[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = shortestPauseMs;
  #failure: string | undefined;

  constructor(options: TargetFileOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Adds calls, which are written after a delay. */
  add(rows: readonly number[]): void {
    for (const row of rows) this.#waiting.push(row);
    this.#schedule();
  }

  /**
   * Writes pending calls, and waits until they are written.
   *
   * @throws UserError when calls could not be written; they stay pending
   */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#write();
    if (this.#failure === undefined) return;
    const count = this.#waiting.length;
    const calls = `${count} ${count === 1 ? 'call is' : 'calls are'}`;
    throw new UserError(`${calls} not in the collection ${this.name}: ${this.#failure}`);
  }

  /** Writes no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#waiting.length === 0) {
      return;
    }
    this.#timer = setTimeout(() => void this.#write(), this.#pauseMs);
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#addWaiting().finally(() => {
      this.#writing = undefined;
      this.#schedule();
    });
    return this.#writing;
  }

  async #addWaiting(): Promise<void> {
    const { history, collections, onSaved, onFailure } = this.#options;
    const rows = this.#waiting;
    this.#waiting = [];
    const start = performance.now();
    try {
      const added = await history.withEntries(rows, (entries) =>
        collections.add(this.name, entries),
      );
      this.#failure = undefined;
      this.#pauseMs = pauseAfter(performance.now() - start);
      onSaved(added);
    } catch (error) {
      this.#waiting = [...rows, ...this.#waiting];
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      const reason = describeError(error);
      // Reported once, not with every attempt.
      if (reason !== this.#failure) onFailure(`${this.name} cannot be written: ${reason}`);
      this.#failure = reason;
    }
  }
}

function pauseAfter(writingMs: number): number {
  return Math.min(Math.max(writingMs * pausePerWriting, shortestPauseMs), longestPauseMs);
}
