import { expect, test } from 'vitest';
import { workerSeqs } from '../../src/record/worker-seqs.ts';

test('no two workers give the same number, and each gives rising ones', () => {
  const clock = { beganAt: process.hrtime.bigint(), workers: 3 };
  const workers = [1, 2, 3].map((worker) => workerSeqs(clock, worker));
  const given = Array.from({ length: 3000 }, (_, at) => workers[at % 3]?.() ?? 0);
  expect(new Set(given).size).toBe(3000);
  for (const worker of [0, 1, 2]) {
    const own = given.filter((_, at) => at % 3 === worker);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
    expect(own[0]).toBeGreaterThan(0);
  }
});

test('an exchange that begins microseconds after another has the higher number, whichever workers they are of', () => {
  const clock = { beganAt: process.hrtime.bigint(), workers: 64 };
  const [first, last] = [workerSeqs(clock, 1), workerSeqs(clock, 64)];
  for (let n = 0; n < 100; n += 1) {
    const earlier = last();
    const until = process.hrtime.bigint() + 2000n;
    while (process.hrtime.bigint() < until);
    expect(first()).toBeGreaterThan(earlier);
  }
});
