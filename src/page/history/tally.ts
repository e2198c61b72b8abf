import type { Row } from '../../sync/wire/page-events.ts';
import { hostOf } from './address.ts';
import { kindOf, RESULTS, resultOf } from './traits.ts';

/** The counts that the overview shows, updated with every row. */
export type Tally = {
  readonly hosts: Map<string, number>;
  readonly methods: Map<string, number>;
  readonly results: Map<string, number>;
  readonly kinds: Map<string, number>;
  /** A call may have several marks, or none. */
  readonly marks: Map<string, number>;
  /** By second since the epoch: a count for each of {@link RESULTS}. */
  readonly seconds: Map<number, number[]>;
  /** The bytes of all response bodies. */
  bytes: number;
};

/** Creates an empty tally. */
export function emptyTally(): Tally {
  return {
    hosts: new Map(),
    methods: new Map(),
    results: new Map(),
    kinds: new Map(),
    marks: new Map(),
    seconds: new Map(),
    bytes: 0,
  };
}

/** Adds a row to a tally. */
export function count(tally: Tally, row: Row): void {
  const result = resultOf(row);
  increase(tally.hosts, hostOf(row.url));
  increase(tally.methods, row.method);
  increase(tally.results, result);
  increase(tally.kinds, kindOf(row));
  for (const mark of row.marks ?? []) increase(tally.marks, mark);
  tally.bytes += row.size;
  const second = Math.floor(row.startedAt / 1000);
  let counts = tally.seconds.get(second);
  if (counts === undefined) {
    counts = RESULTS.map(() => 0);
    tally.seconds.set(second, counts);
  }
  const at = RESULTS.indexOf(result);
  counts[at] = (counts[at] ?? 0) + 1;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The largest counts, preceded by those that the filter has, and the number of remaining ones. */
export function largest(
  counts: ReadonlyMap<string, number>,
  chosen: ReadonlySet<string>,
  limit: number,
): { readonly bars: readonly (readonly [string, number])[]; readonly others: number } {
  const all = new Map<string, number>([...chosen].map((key) => [key, 0]));
  for (const [key, value] of counts) all.set(key, value);
  const sorted = [...all].toSorted(
    ([a, m], [b, n]) => Number(chosen.has(b)) - Number(chosen.has(a)) || n - m || (a < b ? -1 : 1),
  );
  return { bars: sorted.slice(0, limit), others: Math.max(0, sorted.length - limit) };
}
