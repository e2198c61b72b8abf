import { expect, onTestFinished, test } from 'vitest';
import { watchSilence } from '../../src/proxy/silence.ts';
import { manualClock } from '../helpers/manual-clock.ts';

const never = () => false;

/** Does nothing else for so long, as a process that is stopped. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('silence is told once', () => {
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

test('what is heard starts the time anew', () => {
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

test('what came while the process was held up is heard before silence is told', async () => {
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

test('who is excused may be silent', () => {
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

test('a watch that was stopped tells nothing', () => {
  const clock = manualClock();
  let told = false;
  const onSilence = () => {
    told = true;
  };
  watchSilence(20, never, onSilence, clock).stop();
  clock.advance(1000);
  expect(told).toBe(false);
});
