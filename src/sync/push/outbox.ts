import { setImmediate } from 'node:timers/promises';
import type { Exchange, Filter } from '../../exchange.ts';
import { behind, followJournal, type JournalFollower } from '../../record/journal-follower.ts';
import type { LinePlace } from '../../record/journal-reader.ts';
import { openPushed, type Pushed } from './pushed.ts';

/** How many lines are given their seqs at a time. */
const batchLines = 64;

/** A journal as what is to be pushed: exchanges by seq. */
export class Outbox {
  readonly #follower: JournalFollower;
  readonly #pushed: Pushed;
  /** Where the lines begin that nothing was decided about. */
  #decided: number;

  /** @throws UserError when the folder is no journal */
  constructor(folder: string) {
    this.#follower = followJournal(folder);
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
    return this.#follower.at(this.#pushed.place(seq));
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
    this.#follower.close();
    this.#pushed.close();
  }

  /** Goes through the next lines; undefined when there are none. */
  #decide(filter: Filter | undefined): LinePlace[] | undefined {
    const wanted: LinePlace[] = [];
    for (let lines = 0; lines < batchLines; lines += 1) {
      const place = this.#follower.next(this.#decided);
      if (place === undefined) return lines === 0 ? undefined : wanted;
      this.#decided = behind(place);
      if (filter === undefined || filter(this.#follower.at(place))) wanted.push(place);
    }
    return wanted;
  }
}
