import { EventEmitter } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { takeTurns } from '../../../src/proxy/http2-server/turns.ts';

/** Streams of these sessions, as many of each, that are started in turns. */
function started(most: number, sessions: Record<string, number>) {
  const inTurn = takeTurns(most);
  const order: string[] = [];
  const streams = new Map<string, EventEmitter>();
  for (const [session, count] of Object.entries(sessions)) {
    for (let i = 1; i <= count; i += 1) {
      const stream = Object.assign(new EventEmitter(), { session });
      streams.set(`${session}${i}`, stream);
      inTurn(stream as unknown as ServerHttp2Stream, () => order.push(`${session}${i}`));
    }
  }
  return { order, close: (name: string) => streams.get(name)?.emit('close') };
}

test('requests of several sessions start one session after the other', async () => {
  const { order } = started(100, { a: 4, b: 2, c: 1 });
  await turn();
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
});

test('only a few requests start in one turn of the event loop', async () => {
  const { order } = started(100, { a: 50 });
  await turn();
  expect(order.length).toBe(8);
  for (let i = 0; i < 6; i += 1) await turn();
  expect(order.length).toBe(50);
});

test('a request that has been reset is not started', async () => {
  const { order, close } = started(100, { a: 3, b: 1 });
  close('a2');
  close('b1');
  await turn();
  expect(order).toEqual(['a1', 'a3']);
});

test('requests beyond the limit start as others end', async () => {
  const { order, close } = started(2, { a: 3, b: 1 });
  await turn();
  await turn();
  expect(order).toEqual(['a1', 'b1']);
  close('a1');
  await turn();
  await turn();
  expect(order).toEqual(['a1', 'b1', 'a2']);
  close('b1');
  close('a2');
  await turn();
  await turn();
  expect(order).toEqual(['a1', 'b1', 'a2', 'a3']);
});
