import { expect, test } from 'vitest';
import { createTrafficBreak } from '../../../src/session/delivery/traffic-break.ts';

/** A break of a thread whose times are set by the test. */
function newBreak() {
  const times = { ran: 1000, waited: 5000 };
  const rests: number[] = [];
  const { passed, rest } = createTrafficBreak(
    () => [times.ran, times.waited],
    async (ms) => rests.push(ms),
  );
  return {
    passed,
    rests,
    /** Runs and waits for so long, then rests if that is due. */
    async work(ran: number, waited: number) {
      times.ran += ran;
      times.waited += waited;
      await rest();
    },
  };
}

test('a thread that waits for a processor rests while something is recorded', async () => {
  const { passed, rests, work } = newBreak();
  passed();
  await work(100, 80);
  expect(rests).toEqual([100]);
  await work(100, 80);
  expect(rests).toEqual([100]);
  passed();
  await work(100, 80);
  expect(rests).toEqual([100, 100]);
});

test('a thread that has a processor for itself does not rest', async () => {
  const { passed, rests, work } = newBreak();
  for (let turn = 0; turn < 5; turn += 1) {
    passed();
    await work(100, 5);
  }
  expect(rests).toEqual([]);
});

test('a turn without a wait does not end the rests at once', async () => {
  const { passed, rests, work } = newBreak();
  for (const waited of [400, 0, 0, 0, 0, 0]) {
    passed();
    await work(100, waited);
  }
  expect(rests).toHaveLength(4);
});

test('what was recorded during a rest makes the next one due', async () => {
  const times = { waited: 0 };
  const rests: number[] = [];
  const { passed, rest } = createTrafficBreak(
    () => [0, times.waited],
    async (ms) => {
      rests.push(ms);
      passed();
    },
  );
  passed();
  for (let turn = 0; turn < 3; turn += 1) {
    times.waited += 100;
    await rest();
  }
  expect(rests).toEqual([100, 100, 100]);
});
