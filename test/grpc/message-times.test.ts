import { once } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { Arrival, Exchange, GrpcMessage } from '../../src/exchange.ts';
import { withCall } from '../../src/grpc/described-calls.ts';
import { entryOf } from '../../src/har/entry.ts';
import { exchangeOf } from '../../src/har/exchange.ts';
import { framed, grpcExchange } from '../helpers/grpc.ts';
import { grpcClient, grpcUpstream } from '../helpers/grpc-peers.ts';
import { recordingProxy } from '../helpers/proxy.ts';

const messagesOf = async (exchange: Exchange) =>
  (await (await withCall(exchange)).grpc?.call())?.messages ?? [];

const timesOf = (messages: readonly GrpcMessage[]) => messages.map(({ at }) => at);

/** A call whose request arrived at these times. */
function arrived(body: Buffer, arrivals: readonly Arrival[]): Exchange {
  const call = grpcExchange({ request: body });
  const { request } = call;
  const sent = { size: body.length, encoding: [], bytes: async () => body, arrivals };
  return { ...call, startedAt: 1000, request: { ...request, body: sent } };
}

test('a message has the time at which its last byte arrived', async () => {
  const message = framed(Buffer.from([0x08, 1]));
  const body = Buffer.concat([message, message, message]);
  const call = arrived(body, [
    [0, 0.5],
    [8, 20.2],
    [13, 30],
    [14, 40],
  ]);
  expect(timesOf(await messagesOf(call))).toEqual([1000.5, 1030, 1040]);
});

test('a recorded call has the times of its messages, and HAR keeps them', async () => {
  const upstream = await grpcUpstream(false, {
    both(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (part: Buffer) => call.write(part));
      call.on('end', () => call.end());
    },
  });
  const proxy = await recordingProxy();
  const call = (await grpcClient(upstream, proxy)).both();
  for (const turn of [1, 2, 3]) {
    call.write(Buffer.from([0x08, turn]));
    await once(call, 'data');
  }
  call.end();
  call.resume();
  await once(call, 'status');
  const exchange = await proxy.onlyRecorded();
  const messages = await messagesOf(exchange);
  const [ping1 = 0, ping2 = 0, ping3 = 0, pong1 = 0, pong2 = 0, pong3 = 0] = timesOf(messages);
  const inOrder = [exchange.startedAt, ping1, pong1, ping2, pong2, ping3, pong3];
  expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
  expect(pong3).toBeLessThanOrEqual(exchange.startedAt + exchange.timings.endMs);

  const entry = JSON.parse(JSON.stringify(await entryOf(await withCall(exchange))));
  expect(await messagesOf(exchangeOf(entry, 1))).toEqual(messages);
});

test('the messages of a body with a content coding have no time', async () => {
  const call = arrived(framed(Buffer.from([0x08, 1])), [[0, 1]]);
  const { body } = call.request;
  if (body === undefined) throw new Error('The call has no body.');
  const text = Buffer.from(Buffer.from(await body.bytes()).toString('base64'));
  const headers = [['content-type', 'application/grpc-web-text']] as const;
  const sent = { ...body, bytes: async () => text };
  const messages = await messagesOf({ ...call, request: { ...call.request, headers, body: sent } });
  expect(messages).toEqual([{ from: 'client', json: { '1': 1 } }]);
});
