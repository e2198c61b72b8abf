import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { spillBytes } from '../../src/record/body-capture.ts';
import { newRecorder, requestHead, responseHead } from '../helpers/journal.ts';

// The chunks that a tap receives may still be on their way to the other side.
test.each([
  ['small', 100],
  ['larger than what the journal copies together', 40_000],
  ['larger than what waits in memory', spillBytes + 1],
])('a recording does not change the bytes that it receives: %s', async (_, length) => {
  const { recorder, finish } = await newRecorder();
  const memory = randomBytes(length * 3);
  const before = Buffer.from(memory);
  const part = (index: number) => memory.subarray(index * length, (index + 1) * length);
  const tap = recorder.begin(requestHead({ method: 'POST' }));
  tap?.requestChunk(part(0));
  tap?.response(responseHead());
  tap?.responseChunk(part(1));
  tap?.webSocketMessage({ from: 'client', at: 1, opcode: 1, data: part(2) });
  tap?.webSocketMessage({ from: 'server', at: 2, opcode: 8, data: part(2) });
  tap?.end({ kind: 'completed' });
  const [exchange] = await finish();
  const recorded = Buffer.from((await exchange?.request.body?.bytes()) ?? []);
  expect(recorded.equals(before.subarray(0, length))).toBe(true);
  expect(memory.equals(before)).toBe(true);
});
