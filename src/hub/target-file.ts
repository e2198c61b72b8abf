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

/** Calls are gathered this long at least before the file is written. */
const shortestPauseMs = 500;
/** A file that takes long to write is written less often: at most this share of the time goes into it. */
const pausePerWriting = 9;
/** What could not be written is tried again at the latest after this long. */
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

  /** Takes calls; they are in the file a little later. */
  add(rows: readonly number[]): void {
    for (const row of rows) this.#waiting.push(row);
    this.#schedule();
  }

  /**
   * Writes what waits, and waits for it.
   *
   * @throws UserError when calls are not in the file; they go on waiting
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
      // Said once, not each time that it is tried.
      if (reason !== this.#failure) onFailure(`${this.name} cannot be written: ${reason}`);
      this.#failure = reason;
    }
  }
}

function pauseAfter(writingMs: number): number {
  return Math.min(Math.max(writingMs * pausePerWriting, shortestPauseMs), longestPauseMs);
}
