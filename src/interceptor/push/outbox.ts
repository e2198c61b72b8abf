import type { HarEntry } from '../../sync/wire/page-events.ts';

/** Where held entries outlive the service worker, which Chromium ends when it has nothing to do. */
export type OutboxStore = {
  load(): Promise<StoredOutbox | undefined>;
  put(seq: number, entry: HarEntry): void;
  remove(seqs: readonly number[]): void;
};

type StoredOutbox = {
  readonly entries: readonly (readonly [seq: number, entry: HarEntry])[];
  /** The highest seq that was ever given. */
  readonly last: number;
};

export type OutboxLimits = { readonly entries: number; readonly characters: number };

type Held = { readonly entry: HarEntry; readonly characters: number };

/** The entries that the client has not acknowledged, by seq. Beyond its limits, the oldest make room for the newest. */
export class Outbox {
  /** How many entries were dropped to make room. */
  dropped = 0;
  readonly #store: OutboxStore;
  readonly #limits: OutboxLimits;
  readonly #held = new Map<number, Held>();
  #characters = 0;
  #last: number;

  private constructor(store: OutboxStore, limits: OutboxLimits, last: number) {
    this.#store = store;
    this.#limits = limits;
    this.#last = last;
  }

  /** Opens the outbox with what its store holds. */
  static async open(store: OutboxStore, limits: OutboxLimits): Promise<Outbox> {
    const stored = await store.load();
    const outbox = new Outbox(store, limits, stored?.last ?? 0);
    const entries = [...(stored?.entries ?? [])].sort(([a], [b]) => a - b);
    for (const [seq, entry] of entries) outbox.#hold(seq, entry);
    return outbox;
  }

  /** The highest seq that was given. */
  get last(): number {
    return this.#last;
  }

  /** The lowest seq that can still be sent: the next one when nothing is held. */
  get first(): number {
    return this.#held.keys().next().value ?? this.#last + 1;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Gives an entry the next seq. */
  add(entry: HarEntry): void {
    this.#last += 1;
    this.#hold(this.#last, entry);
    this.#store.put(this.#last, entry);
    const removed: number[] = [];
    while (this.#isOver() && this.#held.size > 1) removed.push(this.#removeOldest());
    this.dropped += removed.length;
    if (removed.length > 0) this.#store.remove(removed);
  }

  /** The entry of a seq; undefined when it was acknowledged or dropped. */
  entry(seq: number): HarEntry | undefined {
    return this.#held.get(seq)?.entry;
  }

  /** Removes what the client has stored: everything up to a seq. */
  acknowledge(seq: number): void {
    const removed: number[] = [];
    while (this.#held.size > 0 && this.first <= seq) removed.push(this.#removeOldest());
    if (removed.length > 0) this.#store.remove(removed);
  }

  /** Drops everything up to a seq, which will not be sent. */
  drop(seq: number): void {
    const before = this.size;
    this.acknowledge(seq);
    this.dropped += before - this.size;
  }

  #hold(seq: number, entry: HarEntry): void {
    const characters = JSON.stringify(entry).length;
    this.#held.set(seq, { entry, characters });
    this.#characters += characters;
  }

  #isOver(): boolean {
    const { entries, characters } = this.#limits;
    return this.#held.size > entries || this.#characters > characters;
  }

  #removeOldest(): number {
    const seq = this.first;
    this.#characters -= this.#held.get(seq)?.characters ?? 0;
    this.#held.delete(seq);
    return seq;
  }
}
