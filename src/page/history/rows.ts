import type { Row } from '../../sync/wire/page-events.ts';
import { firstIndex } from './binary-search.ts';

/** All calls that the page has, in order of arrival. */
export type Rows = {
  readonly all: readonly Row[];
  /** The number of the last one; 0 for none. */
  readonly last: number;
  /** Adds rows. Returns those that are new. */
  append(rows: readonly Row[]): Row[];
  /** Removes rows up to this number. */
  clear(through: number): void;
  /** Removes everything, including the numbers, because another history follows. */
  restart(): void;
};

type Marks = NonNullable<Row['marks']>;

/** Stores rows compactly. Equal strings and lists are shared, because JSON.parse makes a new one each time. */
export function makeRows(): Rows {
  const words = new Map<string, string>();
  let all: Row[] = [];
  let last = 0;
  const lists = new Map<string, Marks>();
  const sharedList = (marks: Marks): Marks => {
    const key = marks.join();
    const known = lists.get(key) ?? marks;
    lists.set(key, known);
    return known;
  };
  const shared = (word: string): string => {
    const known = words.get(word);
    if (known !== undefined) return known;
    words.set(word, word);
    return word;
  };
  return {
    get all() {
      return all;
    },
    get last() {
      return last;
    },
    append(rows) {
      // After a reconnect some rows may arrive twice.
      const fresh = rows.filter(({ n }) => n > last);
      for (const row of fresh) {
        all.push({
          ...row,
          session: shared(row.session),
          method: shared(row.method),
          outcome: shared(row.outcome) as Row['outcome'],
          kind: shared(row.kind),
          ...(row.marks && { marks: sharedList(row.marks) }),
        });
      }
      last = fresh.at(-1)?.n ?? last;
      return fresh.length === 0 ? [] : all.slice(-fresh.length);
    },
    clear(through) {
      all = all.slice(firstAfter(all, through));
    },
    restart() {
      all = [];
      last = 0;
    },
  };
}

/** The index of the first row with a greater number. */
export function firstAfter(rows: readonly Row[], n: number): number {
  return firstIndex(rows.length, (index) => (rows[index]?.n ?? 0) > n);
}
