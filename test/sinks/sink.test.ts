import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { deadlineSignal } from '../../src/sinks/sink.ts';

const never = new AbortController().signal;

test('a deadline comes although the garbage collector has run', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const reached = new Promise<unknown>((resolve) => {
    deadlineSignal({ graceMs: 100, hurry: never }).addEventListener('abort', resolve);
  });
  setImmediate(collectGarbage);
  await reached;
});

test('a deadline comes at once when nobody wants to wait', () => {
  const hurry = new AbortController();
  const deadline = deadlineSignal({ graceMs: 100_000, hurry: hurry.signal });
  expect(deadline.aborted).toBe(false);
  hurry.abort();
  expect(deadline.aborted).toBe(true);
  expect(deadlineSignal({ graceMs: 100_000, hurry: hurry.signal }).aborted).toBe(true);
});
