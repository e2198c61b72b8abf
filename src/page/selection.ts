import type { View } from './history/view.ts';
import { type Observable, observable } from './observable.ts';

/** The rows that are active, open or ticked, by their numbers. */
export type Selection = {
  /** The row that the keyboard acts on. */
  readonly active: Observable<number | undefined>;
  /** The row whose details are shown. */
  readonly opened: Observable<number | undefined>;
  /** Incremented whenever a row was ticked or unticked. */
  readonly ticking: Observable<number>;
  readonly ticked: ReadonlySet<number>;
  /** Ticks or unticks a row. */
  tick(n: number): void;
  /** Ticks or unticks all rows from the last one to this, as the last one was. */
  tickRange(n: number, view: View): void;
  /** Ticks all rows that are shown, or unticks them when all are ticked. */
  tickShown(view: View): void;
  untickAll(): void;
  /** Removes rows up to this number. */
  clear(through: number): void;
  /** A row is replaced by another one, or by none. */
  replace(n: number, by: number | undefined): void;
};

/** Creates an empty selection. */
export function makeSelection(): Selection {
  const active = observable<number | undefined>(undefined);
  const opened = observable<number | undefined>(undefined);
  const ticking = observable(0);
  const ticked = new Set<number>();
  let anchor: number | undefined;

  const changed = () => ticking.set(ticking.get() + 1);
  // Streams that run cannot be saved or exported yet.
  const set = (n: number, on: boolean) => void (on && n > 0 ? ticked.add(n) : ticked.delete(n));
  return {
    active,
    opened,
    ticking,
    ticked,
    tick(n) {
      set(n, !ticked.has(n));
      anchor = n;
      changed();
    },
    tickRange(n, view) {
      const on = anchor === undefined || ticked.has(anchor);
      const indices = [view.indexOf(anchor ?? n), view.indexOf(n)].filter((index) => index >= 0);
      for (let at = Math.min(...indices); at <= Math.max(...indices); at += 1) {
        const row = view.at(at);
        if (row) set(row.n, on);
      }
      anchor = n;
      changed();
    },
    tickShown(view) {
      const on = !allTicked(ticked, view);
      for (let at = 0; at < view.length; at += 1) {
        const row = view.at(at);
        if (row) set(row.n, on);
      }
      changed();
    },
    untickAll() {
      ticked.clear();
      changed();
    },
    clear(through) {
      for (const n of ticked) if (n <= through) ticked.delete(n);
      for (const one of [active, opened]) {
        const n = one.get() ?? 0;
        if (n >= 0 && n <= through) one.set(undefined);
      }
      changed();
    },
    replace(n, by) {
      for (const one of [active, opened]) if (one.get() === n) one.set(by);
    },
  };
}

/** Whether all rows that are shown are ticked. */
export function allTicked(ticked: ReadonlySet<number>, view: View): boolean {
  if (ticked.size === 0) return false;
  for (let at = 0; at < view.length; at += 1) {
    const n = view.at(at)?.n ?? 0;
    if (n >= 0 && !ticked.has(n)) return false;
  }
  return true;
}
