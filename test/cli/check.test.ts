import { describe, expect, test } from 'vitest';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { lineReport } from '../../src/compare/report.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { type Call, partsOf, visitApi } from '../helpers/json-api.ts';
import { changed } from '../helpers/json-api-changes.ts';

const recorded = (calls: readonly Call[]) =>
  recordingOf(calls.map((call) => exchange(partsOf(call))));

async function linesOf(old: readonly Call[], now: readonly Call[]): Promise<string> {
  return lineReport(await compareRecordings(recorded(old), recorded(now)));
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

describe('a changed API is told in a line that names the place', () => {
  test.for(seeds(40).map((seed) => ({ seed, ...changed(visitApi(seed + 1000), seed) })))(
    '$seed $what',
    async ({ seed, calls, names }) => {
      expect(await linesOf(visitApi(seed), calls)).toMatch(names);
    },
  );
});

test('50 runs against an unchanged API differ in nothing that is told', async () => {
  const told: string[] = [];
  for (const seed of seeds(50)) told.push(await linesOf(visitApi(seed), visitApi(seed + 1000)));
  expect(told.filter((lines) => lines !== '')).toEqual([]);
});
