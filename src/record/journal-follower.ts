import { setImmediate } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Journal } from './journal.ts';
import {
  type JournalStore,
  type LineRange,
  longestLine,
  openStores,
  seqIn,
} from './journal-reader.ts';

/** A line of one of a journal's segments. */
export type SegmentLine = LineRange & {
  /** The place of the segment in the list of segments. */
  readonly segment: number;
};

/** How far a reader has come in each segment: the offset of the next line, in bytes. */
export type Cursor = number[];

/**
 * Reads a journal while it is written, in the order in which exchanges end; of what several workers have written meanwhile,
 * the exchange that began first comes first. The journal on disk is the buffer, so a reader
 * that is slow costs no memory and never holds up the recording.
 *
 * A follower has one reader: either {@link lines}, or a loop of its own around {@link next} and {@link changed}.
 */
export class JournalFollower {
  readonly #stores: readonly JournalStore[];
  #hasEnded = false;
  #isWoken = false;
  #resume: (() => void) | undefined;

  /**
   * @param folder of a journal that is being written, or has been
   * @throws UserError when the folder is not a journal
   */
  constructor(folder: string) {
    this.#stores = openStores(folder);
  }

  /** A cursor at the start of each segment. */
  get start(): Cursor {
    return this.#stores.map(() => 0);
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
  async *lines(): AsyncGenerator<SegmentLine, void, undefined> {
    for (const cursor = this.start; ; ) {
      const isLast = this.#hasEnded;
      const line = this.next(cursor);
      if (line === undefined) {
        if (isLast) return;
        await this.changed();
        continue;
      }
      advance(cursor, line);
      yield line;
      // Traffic goes first, however much there is to read.
      await setImmediate();
    }
  }

  /**
   * The first complete line from a cursor on.
   *
   * @returns undefined while there is none
   */
  next(cursor: Cursor): SegmentLine | undefined {
    let first: { readonly line: SegmentLine; readonly seq: number } | undefined;
    for (const [segment, { index }] of this.#stores.entries()) {
      const range = lineAt(index, cursor[segment] ?? 0);
      if (range === undefined) continue;
      const line = { ...range, segment };
      if (this.#stores.length === 1) return line;
      const seq = seqIn(index.read(range.offset, headBytes)) ?? 0;
      if (first === undefined || seq < first.seq) first = { line, seq };
    }
    return first?.line;
  }

  /**
   * The exchange of a line. Its bodies are read when they are asked for.
   *
   * @throws UserError where the journal is damaged, or has no such segment
   */
  exchange(line: SegmentLine): Exchange {
    const store = this.#stores[line.segment];
    if (store === undefined) throw new UserError(`The journal has no segment ${line.segment + 1}.`);
    return store.at(line, 'unchecked');
  }

  close(): void {
    for (const store of this.#stores) store.close();
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
function endOf({ offset, length }: LineRange): number {
  return offset + length + 1;
}

/** Moves a cursor behind a line. */
export function advance(cursor: Cursor, line: SegmentLine): void {
  cursor[line.segment] = endOf(line);
}

const headBytes = 32;

function lineAt(index: JournalStore['index'], offset: number): LineRange | undefined {
  // Reading the exchange of a line that is too long reports that it is.
  const length = index.lineLength(offset, longestLine);
  return length === undefined ? undefined : { offset, length };
}
