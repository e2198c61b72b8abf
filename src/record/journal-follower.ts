import { setImmediate } from 'node:timers/promises';
import type { Exchange } from '../exchange.ts';
import type { Journal } from './journal.ts';
import { type JournalStore, type LineRange, longestLine, openStore } from './journal-reader.ts';

/**
 * Reads a journal while it is written, in the order in which exchanges end. The journal on disk is the buffer, so a reader
 * that is slow costs no memory and never holds up the recording.
 *
 * A follower has one reader: either {@link lines}, or a loop of its own around {@link next} and {@link changed}.
 */
export class JournalFollower {
  readonly #store: JournalStore;
  #hasEnded = false;
  #isWoken = false;
  #resume: (() => void) | undefined;

  /**
   * @param folder of a journal that is being written, or has been
   * @throws UserError when the folder is not a journal
   */
  constructor(folder: string) {
    this.#store = openStore(folder);
  }

  /** Whether the journal is complete. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Wakes the reader: the journal has grown, or the reader has another reason to look again. */
  readonly wake = (): void => {
    this.#isWoken = true;
    this.#resume?.();
  };

  /** Says that the journal is complete. */
  end(): void {
    this.#hasEnded = true;
    this.wake();
  }

  /** Resolves with the next {@link wake} or {@link end}, at once when there was one since the last wait. */
  async changed(): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    this.#resume = undefined;
    this.#isWoken = false;
  }

  /**
   * Each line as soon as all of it is written. A line is written after its bodies, so its exchange is complete. After
   * {@link end}, the remaining lines follow and the iteration stops.
   */
  async *lines(): AsyncGenerator<LineRange, void, undefined> {
    for (let offset = 0; ; ) {
      const isLast = this.#hasEnded;
      const line = this.next(offset);
      if (line === undefined) {
        if (isLast) return;
        await this.changed();
        continue;
      }
      offset = endOf(line);
      yield line;
      // Traffic goes first, however much there is to read.
      await setImmediate();
    }
  }

  /**
   * The first complete line from an offset on.
   *
   * @param offset 0, or {@link endOf} a line; in bytes
   * @returns undefined while there is none
   */
  next(offset: number): LineRange | undefined {
    return lineAt(this.#store.index, offset);
  }

  /**
   * The exchange of a line. Its bodies are read when they are asked for.
   *
   * @throws UserError where the journal is damaged
   */
  exchange(line: LineRange): Exchange {
    return this.#store.at(line, 'unchecked');
  }

  close(): void {
    this.#store.close();
  }
}

/**
 * Follows a journal that this process writes, which wakes the reader itself.
 *
 * @throws UserError when its folder was removed
 */
export function followJournal(journal: Journal): JournalFollower {
  const follower = new JournalFollower(journal.folder);
  journal.whenWritten(follower.wake);
  return follower;
}

/** The offset, in bytes, at which the line after this one begins. */
export function endOf({ offset, length }: LineRange): number {
  return offset + length + 1;
}

const usualBytes = 16 * 1024;

function lineAt(index: JournalStore['index'], offset: number): LineRange | undefined {
  for (let size = usualBytes; ; size *= 4) {
    const bytes = index.read(offset, size);
    const length = bytes.indexOf(10);
    if (length !== -1) return { offset, length };
    if (bytes.length < size) return undefined;
    // Reading its exchange then reports that the line is too long.
    if (size > longestLine) return { offset, length: size };
  }
}
