import { expect, onTestFinished, test } from 'vitest';
import { watchSilence } from '../../src/proxy/silence.ts';
import { manualClock } from '../helpers/manual-clock.ts';

const never = () => false;

/** Does nothing else for so long, as a process that is stopped. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('silence is reported once', () => {
  const clock = manualClock();
  let told = 0;
  const onSilence = () => {
    told += 1;
  };
  watchSilence(20, never, onSilence, clock);
  clock.advance(19);
  expect(told).toBe(0);
  clock.advance(1);
  expect(told).toBe(1);
  clock.advance(1000);
  expect(told).toBe(1);
});

test('activity restarts the time', () => {
  const clock = manualClock();
  let told = false;
  const onSilence = () => {
    told = true;
  };
  const watch = watchSilence(20, never, onSilence, clock);
  for (let times = 0; times < 3; times += 1) {
    clock.advance(19);
    watch.heard();
  }
  expect(told).toBe(false);
  clock.advance(20);
  expect(told).toBe(true);
});

test('data that arrived while the process was held up counts before silence is reported', async () => {
  const told: string[] = [];
  const watch = watchSilence(200, never, () => told.push('silence'));
  onTestFinished(watch.stop);
  // Asked for in the turn of what is immediate, it has its own after the timers, as what comes over a connection has.
  await new Promise((resolve) => setImmediate(resolve));
  const came = new Promise<void>((resolve) => setImmediate(resolve)).then(watch.heard);
  holdUp(500);
  await came;
  expect(told).toEqual([]);
});

test('silence is not reported while it is excused', () => {
  const clock = manualClock();
  let isExcused = true;
  let told = false;
  const onSilence = () => {
    told = true;
  };
  watchSilence(20, () => isExcused, onSilence, clock);
  clock.advance(1000);
  expect(told).toBe(false);
  isExcused = false;
  clock.advance(30);
  expect(told).toBe(true);
});

test('a stopped watch reports nothing', () => {
  const clock = manualClock();
  let told = false;
  const onSilence = () => {
    told = true;
  };
  watchSilence(20, never, onSilence, clock).stop();
  clock.advance(1000);
  expect(told).toBe(false);
});
