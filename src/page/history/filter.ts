import type { Row } from '../../sync/wire/page-events.ts';
import { hostOf } from './address.ts';
import { parseFilterText } from './filter-text.ts';
import { kindOf, resultOf } from './traits.ts';

/** A filter of the list. An empty set lets everything through. */
export type Filter = {
  /** As typed: see {@link parseFilterText}. */
  readonly text: string;
  readonly methods: ReadonlySet<string>;
  readonly results: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
  readonly marks: ReadonlySet<string>;
  /** In lower case, with their ports. */
  readonly hosts: ReadonlySet<string>;
  /** Milliseconds since the epoch, the end not included. */
  readonly span?: { readonly from: number; readonly to: number };
};

/** The parts of a filter that are sets of words. */
export type Facet = 'methods' | 'results' | 'kinds' | 'marks' | 'hosts';

const none: ReadonlySet<string> = new Set();

/** A filter that lets everything through. */
export const noFilter: Filter = {
  text: '',
  methods: none,
  results: none,
  kinds: none,
  marks: none,
  hosts: none,
};

/** Whether a filter lets everything through. */
export function isEmpty(filter: Filter): boolean {
  return filter.text.trim() === '' && choices(filter) === 0;
}

/** The number of choices in a filter, besides its text. */
export function choices({ methods, results, kinds, marks, hosts, span }: Filter): number {
  return methods.size + results.size + kinds.size + marks.size + hosts.size + (span ? 1 : 0);
}

/** The same filter with one word of a set turned on or off. */
export function toggled(filter: Filter, facet: Facet, word: string): Filter {
  const words = new Set(filter[facet]);
  if (!words.delete(word)) words.add(word);
  return { ...filter, [facet]: words };
}

/** The same filter with this span of time, or without it when it has that span already. */
export function spanToggled(filter: Filter, from: number, to: number): Filter {
  const { span, ...rest } = filter;
  return span?.from === from && span.to === to ? rest : { ...rest, span: { from, to } };
}

/** Compiles a filter into a test that runs 100,000 times. A part that is not set costs nothing. */
export function compileFilter(filter: Filter): (row: Row) => boolean {
  const { methods, results, kinds, marks, hosts, span } = filter;
  const { wanted, unwanted } = parseFilterText(filter.text);
  const tests: ((row: Row) => boolean)[] = [];
  if (methods.size > 0) tests.push((row) => methods.has(row.method));
  if (results.size > 0) tests.push((row) => results.has(resultOf(row)));
  if (kinds.size > 0) tests.push((row) => kinds.has(kindOf(row)));
  if (marks.size > 0) tests.push((row) => row.marks?.some((mark) => marks.has(mark)) === true);
  if (span) tests.push((row) => span.from <= row.startedAt && row.startedAt < span.to);
  if (hosts.size > 0) tests.push((row) => hosts.has(hostOf(row.url)));
  for (const pattern of wanted) tests.push((row) => pattern.test(row.url));
  for (const pattern of unwanted) tests.push((row) => !pattern.test(row.url));
  return (row) => tests.every((test) => test(row));
}
