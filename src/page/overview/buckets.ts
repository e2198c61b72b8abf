import type { Tally } from '../history/tally.ts';
import { RESULTS } from '../history/traits.ts';

/** A bar of the timeline: the number of calls of each result that began in a span of time. */
export type Bucket = {
  /** Milliseconds since the epoch; the end is not included. */
  readonly from: number;
  readonly to: number;
  /** In the order of {@link RESULTS}. */
  readonly counts: readonly number[];
  readonly total: number;
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** The durations that a bar may have, in seconds. */
const WIDTHS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE];
const LONG_WIDTHS = [HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

/** Distributes the seconds of a tally over at most this number of bars of equal duration, including empty ones. */
export function bucketsOf(seconds: Tally['seconds'], most: number): Bucket[] {
  if (seconds.size === 0) return [];
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const second of seconds.keys()) {
    first = Math.min(first, second);
    last = Math.max(last, second);
  }
  const width = widthFor(first, last, most);
  const start = Math.floor(first / width);
  const counts = Array.from({ length: Math.floor(last / width) - start + 1 }, () =>
    RESULTS.map(() => 0),
  );
  for (const [second, values] of seconds) {
    const into = counts[Math.floor(second / width) - start] ?? [];
    values.forEach((value, at) => {
      into[at] = (into[at] ?? 0) + value;
    });
  }
  return counts.map((values, at) => ({
    from: (start + at) * width * 1000,
    to: (start + at + 1) * width * 1000,
    counts: values,
    total: values.reduce((sum, value) => sum + value, 0),
  }));
}

function widthFor(first: number, last: number, most: number): number {
  const fits = (width: number) => Math.floor(last / width) - Math.floor(first / width) < most;
  const day = 24 * HOUR;
  return (
    [...WIDTHS, ...LONG_WIDTHS].find(fits) ?? Math.ceil((last - first) / day / (most - 1)) * day
  );
}
