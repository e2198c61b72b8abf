import { once } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { GrpcMessage } from '../../src/exchange.ts';
import { messageParts } from '../../src/page/detail/call.ts';
import { grpcClient, grpcUpstream } from '../helpers/grpc-peers.ts';
import { answerJson, live, patience, withChromium } from './live-page.ts';

const call = (messages: readonly GrpcMessage[]) =>
  ({ protocol: 'grpc', service: 'demo.v1.Things', method: 'Watch', messages }) as const;

describe('the messages of a gRPC call', () => {
  test('are in the order in which they arrived', () => {
    const parts = messageParts(
      call([
        { from: 'client', at: 1, json: { ping: 1 } },
        { from: 'client', at: 3, json: { ping: 2 } },
        { from: 'server', at: 2, type: 'demo.v1.Thing', json: { pong: 1 } },
      ]),
    );
    expect(parts.map(({ isSent, at, label }) => [isSent, at, label])).toEqual([
      [true, 1, ''],
      [false, 2, 'Thing'],
      [true, 3, ''],
    ]);
  });

  test('stay as they are where times are missing, and bytes have their size', () => {
    const parts = messageParts(
      call([
        { from: 'client', base64: 'AAEC' },
        { from: 'server', at: 2, json: 'é' },
      ]),
    );
    expect(parts.map(({ isSent, size }) => [isSent, size])).toEqual([
      [true, 3],
      [false, 4],
    ]);
  });

  withChromium(
    'are shown with their times when the call has ended',
    async () => {
      const { page, proxy, open, shows, troubles } = await live(answerJson);
      const upstream = await grpcUpstream(false, {
        both(stream: ServerDuplexStream<Buffer, Buffer>) {
          stream.on('data', (part: Buffer) => stream.write(Buffer.concat([part, part])));
          stream.on('end', () => stream.end());
        },
      });
      const client = await grpcClient(upstream, { url: proxy.proxy, authority: { certPem: '' } });
      const stream = client.both();
      for (const turn of [1, 2]) {
        stream.write(Buffer.from([0x08, turn]));
        await once(stream, 'data');
      }
      stream.end();
      stream.resume();
      await once(stream, 'status');
      await shows(['/test.Echo/Both']);
      await page.locator('.running').first().waitFor({ state: 'detached' });
      await open('/test.Echo/Both');
      const messages = page.getByRole('listbox', { name: 'Messages' }).getByRole('option');
      expect(await messages.locator('.direction').allTextContents()).toEqual(['↑', '↓', '↑', '↓']);
      for (const time of await messages.locator('.started').allTextContents())
        expect(time).toMatch(/^\d\d:\d\d:\d\d/);
      await page.locator('.messages .quiet', { hasText: 'OK' }).waitFor();
      expect(troubles).toEqual([]);
    },
    patience,
  );
});
