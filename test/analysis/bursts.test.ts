import { expect, test } from 'vitest';
import { sortBursts } from '../../src/analysis/survey/bursts.ts';
import { exchange } from '../helpers/exchanges.ts';

/** When it was sent, in whole milliseconds as they are recorded, and how long its answer took. */
type Call = readonly [rank: string, startedAt: number, headMs: number];

/** The ranks of calls in the order that they get. */
function sorted(...calls: readonly Call[]): string {
  const bursts = sortBursts();
  for (const [place, [rank, startedAt, headMs]] of calls.entries())
    bursts.see(place, { ...exchange(), startedAt, timings: { headMs, endMs: 50 } }, () => rank);
  return bursts
    .finish()
    .map((place) => calls[place]?.[0])
    .join(' ');
}

test('calls that were sent before any of them was answered get an order of their own', () => {
  expect(sorted(['b', 1000, 9], ['a', 1003, 9], ['c', 1003, 1])).toBe('a b c');
});

test('a call that was sent after a response stays after it', () => {
  expect(sorted(['b', 1000, 9], ['a', 1009, 9])).toBe('b a');
  expect(sorted(['b', 1000, 90], ['c', 1010, 5], ['a', 1020, 5])).toBe('b c a');
});

test('a call in the same millisecond as a response counts as sent after it, on any machine', () => {
  expect(sorted(['b', 1000, 0.6], ['a', 1000, 0.4])).toBe('b a');
  expect(sorted(['b', 1000, 1.9], ['a', 1001, 0.4])).toBe('b a');
});
