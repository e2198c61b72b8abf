import { setImmediate } from 'node:timers/promises';
import type { Exchange, Filter } from '../../exchange.ts';
import { endOf, type JournalFollower } from '../../record/journal-follower.ts';
import type { LineRange } from '../../record/journal-reader.ts';
import { openPushed, type Pushed } from './pushed.ts';

/** How many lines are numbered at a time. */
const batchLines = 64;

/** The exchanges of a journal that are pushed, by seq. */
export class Outbox {
  readonly #follower: JournalFollower;
  readonly #pushed: Pushed;
  /** The offset of the first line that the filter has not seen yet. */
  #decided: number;

  /** @param folder of the journal that the follower reads */
  constructor(folder: string, follower: JournalFollower) {
    this.#follower = follower;
    this.#pushed = openPushed(folder);
    this.#decided = this.#pushed.end;
  }

  /** The highest seq that was given to an exchange. */
  get last(): number {
    return this.#pushed.last;
  }

  /**
   * The exchange of a seq, which is one that was given, or the next: that goes to the next exchange which the filter lets
   * through.
   *
   * @returns undefined when there is none yet
   * @throws UserError where the journal is damaged
   */
  async exchange(seq: number, filter: Filter | undefined): Promise<Exchange | undefined> {
    while (seq > this.#pushed.last) {
      const places = this.#decide(filter);
      if (places === undefined) return undefined;
      this.#pushed.add(places);
      // A filter that lets nothing through must not keep others waiting.
      if (places.length === 0) await setImmediate();
    }
    return this.#follower.exchange(this.#pushed.place(seq));
  }

  /** How many exchanges there are behind a seq. */
  async countBehind(seq: number, filter: Filter | undefined): Promise<number> {
    let count = this.#pushed.last - seq;
    for (;;) {
      const places = this.#decide(filter);
      if (places === undefined) return count;
      count += places.length;
      await setImmediate();
    }
  }

  close(): void {
    this.#pushed.close();
  }

  /** Goes through the next lines; undefined when there are none. */
  #decide(filter: Filter | undefined): LineRange[] | undefined {
    const wanted: LineRange[] = [];
    for (let lines = 0; lines < batchLines; lines += 1) {
      const place = this.#follower.next(this.#decided);
      if (place === undefined) return lines === 0 ? undefined : wanted;
      this.#decided = endOf(place);
      if (filter === undefined || filter(this.#follower.exchange(place))) wanted.push(place);
    }
    return wanted;
  }
}
