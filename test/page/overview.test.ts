import { expect, test } from 'vitest';
import { count, emptyTally, largest } from '../../src/page/history/tally.ts';
import { bucketsOf } from '../../src/page/overview/buckets.ts';
import { fc } from '../helpers/properties.ts';
import { row } from './rows.ts';

test('counts calls by the values in the charts', () => {
  const tally = emptyTally();
  count(tally, row({ url: 'https://A.test/x', size: 7 }));
  const marks = ['answered', 'differs'] as const;
  count(tally, row({ url: 'https://a.test/y', size: 3, status: 500, method: 'POST', marks }));
  count(tally, row({ url: 'http://b.test:81/', outcome: 'aborted', kind: '' }));
  expect(Object.fromEntries(tally.hosts)).toEqual({ 'a.test': 2, 'b.test:81': 1 });
  expect(Object.fromEntries(tally.methods)).toEqual({ GET: 2, POST: 1 });
  expect(Object.fromEntries(tally.results)).toEqual({ '2xx': 1, '5xx': 1, failed: 1 });
  expect(Object.fromEntries(tally.kinds)).toEqual({ json: 2, none: 1 });
  expect(Object.fromEntries(tally.marks)).toEqual({ answered: 1, differs: 1 });
  expect(tally.bytes).toBe(110);
});

test('bars are the largest ones, and chosen ones always stay', () => {
  const counts = new Map([
    ['a', 1],
    ['b', 5],
    ['c', 3],
  ]);
  expect(largest(counts, new Set(), 2)).toEqual({
    bars: [
      ['b', 5],
      ['c', 3],
    ],
    others: 1,
  });
  expect(largest(counts, new Set(['x']), 2)).toEqual({
    bars: [
      ['x', 0],
      ['b', 5],
    ],
    others: 2,
  });
});

test('bars of the timeline have equal width and no gaps, and count every call once', () => {
  const seconds = fc.array(fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }), {
    minLength: 1,
  });
  const near = fc.array(fc.integer({ min: 1_700_000_000, max: 1_700_000_400 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.oneof(seconds, near), (given) => {
      const tally = emptyTally();
      for (const second of given) count(tally, row({ startedAt: second * 1000 }));
      const buckets = bucketsOf(tally.seconds, 60);
      expect(buckets.length).toBeLessThanOrEqual(60);
      expect(buckets.reduce((sum, { total }) => sum + total, 0)).toBe(given.length);
      const width = buckets[0]!.to - buckets[0]!.from;
      buckets.forEach(({ from, to }, at) => {
        expect(to - from).toBe(width);
        if (at > 0) expect(from).toBe(buckets[at - 1]!.to);
      });
      for (const second of given) {
        expect(buckets.some(({ from, to }) => from <= second * 1000 && second * 1000 < to)).toBe(
          true,
        );
      }
    }),
  );
});

test('there are no bars without calls', () => expect(bucketsOf(new Map(), 60)).toEqual([]));
