import { setImmediate } from 'node:timers/promises';
import type { Exchange, Filter } from '../../exchange.ts';
import {
  advance,
  type Cursor,
  type JournalFollower,
  type SegmentLine,
} from '../../record/journal-follower.ts';
import { openSeqFile, type SeqFile } from './seq-file.ts';

/** How many lines are numbered at a time. */
const batchLines = 64;

/** The exchanges of a journal that are pushed, by seq. */
export class Outbox {
  readonly #follower: JournalFollower;
  readonly #seqs: SeqFile;
  /** The first lines that the filter has not seen yet. */
  readonly #decided: Cursor;

  /** @param folder of the journal that the follower reads */
  constructor(folder: string, follower: JournalFollower) {
    this.#follower = follower;
    this.#seqs = openSeqFile(folder);
    this.#decided = follower.start;
    this.#seqs.skip(this.#decided);
  }

  /** The highest seq that an exchange has. */
  get last(): number {
    return this.#seqs.last;
  }

  /**
   * The exchange of a seq. The first seq that no exchange has yet is assigned to the next exchange that passes the filter.
   *
   * @returns undefined when there is no such exchange yet
   * @throws UserError where the journal is damaged
   */
  async exchange(seq: number, filter: Filter | undefined): Promise<Exchange | undefined> {
    while (seq > this.#seqs.last) {
      const lines = this.#decide(filter);
      if (lines === undefined) return undefined;
      this.#seqs.add(lines);
      // A filter that nothing passes must not block the event loop.
      if (lines.length === 0) await setImmediate();
    }
    return this.#follower.exchange(this.#seqs.line(seq));
  }

  /** How many exchanges follow a seq. */
  async countBehind(seq: number, filter: Filter | undefined): Promise<number> {
    let count = this.#seqs.last - seq;
    for (;;) {
      const lines = this.#decide(filter);
      if (lines === undefined) return count;
      count += lines.length;
      await setImmediate();
    }
  }

  close(): void {
    this.#seqs.close();
  }

  /** Filters the next lines. Returns undefined when there are none. */
  #decide(filter: Filter | undefined): SegmentLine[] | undefined {
    const wanted: SegmentLine[] = [];
    for (let lines = 0; lines < batchLines; lines += 1) {
      const line = this.#follower.next(this.#decided);
      if (line === undefined) return lines === 0 ? undefined : wanted;
      advance(this.#decided, line);
      if (filter === undefined || filter(this.#follower.exchange(line))) wanted.push(line);
    }
    return wanted;
  }
}
