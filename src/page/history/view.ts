import type { Row } from '../../sync/wire/page-events.ts';
import { firstIndex } from './binary-search.ts';
import { compileFilter, type Filter, noFilter } from './filter.ts';
import { firstAfter } from './rows.ts';
import { count, emptyTally, type Tally } from './tally.ts';

/**
 * The calls that pass the filter, newest first. Calls that existed when the filter was set are scanned in steps, the newest
 * first, so that the top of the list is right at once. Later calls are added at the other end. While the view is held, new
 * calls are counted and not shown.
 */
export type View = {
  readonly filter: Filter;
  /** The number of rows that are shown: streams that run, then calls. */
  readonly length: number;
  /** How many of these are streams that run. */
  readonly running: number;
  /** The number of calls that wait to be shown. */
  readonly waiting: number;
  /** Whether older calls are still to be scanned. */
  readonly scanning: boolean;
  readonly held: boolean;
  /** The counts of all calls that pass, shown or waiting. */
  readonly tally: Tally;
  /** The call at an index; 0 is the newest. */
  at(index: number): Row | undefined;
  /** The index of a call by its number; -1 when it is not shown. */
  indexOf(n: number): number;
  /** Starts over, after a new filter was set or rows were cleared. */
  reset(rows: readonly Row[], filter: Filter): void;
  append(rows: readonly Row[]): void;
  hold(): void;
  release(): void;
  /** Sets the streams that run, the newest first. They come before all calls and are not counted. */
  setStreams(rows: readonly Row[]): void;
  /** Scans older calls until there are no more or `overdue`, which is called after each step, returns true. */
  scan(overdue: () => boolean): void;
};

const STEP = 256;

/** Creates an empty view. */
export function makeView(): View {
  let filter = noFilter;
  let passes = compileFilter(filter);
  let tally = emptyTally();
  let allStreams: readonly Row[] = [];
  /** Those that pass the filter, newest first. */
  let streams: readonly Row[] = [];
  /** Older ones, newest first. */
  let older: Row[] = [];
  /** Newer ones, in order of arrival. */
  let newer: Row[] = [];
  /** The index at which the scan continues downwards, in the rows as they were at the reset. */
  let source: readonly Row[] = [];
  let next = 0;
  let shownNewer = 0;
  let held = false;
  let lastSeen = 0;
  /** The number of the last row when the view was held. */
  let heldThrough = 0;

  const take = (row: Row, into: Row[]) => {
    if (!passes(row)) return;
    into.push(row);
    count(tally, row);
  };
  const callAt = (index: number) =>
    index < shownNewer ? newer[shownNewer - 1 - index] : older[index - shownNewer];
  const at = (index: number) =>
    index < streams.length ? streams[index] : callAt(index - streams.length);
  // While the view is held, rows change and do not move.
  const showStreams = () => {
    if (held) {
      const latest = new Map(allStreams.map((row) => [row.n, row]));
      streams = streams.map((row) => latest.get(row.n) ?? row);
    } else streams = allStreams.filter((row) => passes(row));
  };

  return {
    at,
    get filter() {
      return filter;
    },
    get length() {
      return streams.length + shownNewer + older.length;
    },
    get running() {
      return streams.length;
    },
    get waiting() {
      return newer.length - shownNewer;
    },
    get scanning() {
      return next > 0;
    },
    get held() {
      return held;
    },
    get tally() {
      return tally;
    },
    indexOf(n) {
      if (n < 0) return streams.findIndex((row) => row.n === n);
      const calls = shownNewer + older.length;
      const index = firstIndex(calls, (one) => (callAt(one)?.n ?? 0) <= n);
      return callAt(index)?.n === n ? streams.length + index : -1;
    },
    reset(rows, wanted) {
      filter = wanted;
      passes = compileFilter(wanted);
      tally = emptyTally();
      streams = allStreams.filter((row) => passes(row));
      older = [];
      newer = [];
      shownNewer = 0;
      source = rows.slice();
      next = held ? firstAfter(rows, heldThrough) : rows.length;
      for (const row of rows.slice(next)) take(row, newer);
      lastSeen = rows.at(-1)?.n ?? lastSeen;
    },
    append(rows) {
      for (const row of rows) take(row, newer);
      lastSeen = rows.at(-1)?.n ?? lastSeen;
      if (!held) shownNewer = newer.length;
    },
    hold() {
      if (!held) heldThrough = lastSeen;
      held = true;
    },
    release() {
      held = false;
      shownNewer = newer.length;
      showStreams();
    },
    setStreams(rows) {
      allStreams = rows;
      showStreams();
    },
    scan(overdue) {
      while (next > 0) {
        const end = Math.max(0, next - STEP);
        for (; next > end; next -= 1) {
          const row = source[next - 1];
          if (row !== undefined) take(row, older);
        }
        // Checked after the first step, so that the top of the list appears even when the page is late.
        if (overdue()) break;
      }
      if (next === 0) source = [];
    },
  };
}
