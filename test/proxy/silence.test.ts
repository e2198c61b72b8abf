import { expect, onTestFinished, test } from 'vitest';
import { watchSilence } from '../../src/proxy/silence.ts';
import { eventually } from '../helpers/eventually.ts';

const never = () => false;

/** Does nothing else for so long, as a process that is stopped. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('silence is told once', async () => {
  let told = 0;
  const watch = watchSilence(20, never, () => {
    told += 1;
  });
  onTestFinished(watch.stop);
  await eventually(() => expect(told).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(told).toBe(1);
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

test('who is excused may be silent', async () => {
  let isExcused = true;
  let told = false;
  const watch = watchSilence(
    20,
    () => isExcused,
    () => {
      told = true;
    },
  );
  onTestFinished(watch.stop);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toBe(false);
  isExcused = false;
  await eventually(() => expect(told).toBe(true));
});

test('a watch that was stopped tells nothing', async () => {
  let told = false;
  watchSilence(20, never, () => {
    told = true;
  }).stop();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(told).toBe(false);
});
