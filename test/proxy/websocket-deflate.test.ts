import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type PerMessageDeflateOptions, WebSocket } from 'ws';
import type { Exchange, Tap, WebSocketMessage } from '../../src/exchange.ts';
import { createMessageReader } from '../../src/proxy/websocket-messages.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import { webSocketUpstream } from '../helpers/upstream.ts';
import { deflated, frame } from '../helpers/websocket-frames.ts';

async function textsOf(exchange: Exchange, side: WebSocketMessage['from']): Promise<string[]> {
  const texts: string[] = [];
  for await (const { from, opcode, data } of exchange.webSocket?.messages() ?? []) {
    if (from === side && opcode === 1) texts.push(Buffer.from(data).toString());
  }
  return texts;
}

const parameters: readonly PerMessageDeflateOptions[] = [
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 9 },
  { clientMaxWindowBits: 9 },
];
const combinations = Array.from({ length: 1 << parameters.length }, (_, bits) =>
  Object.assign({}, ...parameters.filter((_, index) => bits & (1 << index))),
) as PerMessageDeflateOptions[];

test.each(combinations)('messages are recorded with %j', async (agreed) => {
  const upstream = await webSocketUpstream(
    (server) =>
      server.on('connection', (socket) => {
        socket.on('message', (data) => socket.send(String(data)));
      }),
    { perMessageDeflate: { ...agreed, threshold: 0 } },
  );
  const proxy = await recordingProxy();
  const tunnel = await openTunnel(proxy.port, upstream.host);
  const client = new WebSocket(upstream.url, {
    createConnection: () => tunnel,
    perMessageDeflate: { threshold: 0 },
  });
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  // Longer than the smallest window, and with a lot to refer back to.
  const texts = ['hello '.repeat(500), 'hello '.repeat(500), 'x', 'hello again '.repeat(9000)];
  for (const text of texts) {
    client.send(text);
    expect(String((await once(client, 'message'))[0])).toBe(text);
  }
  client.close();
  const exchange = await proxy.onlyRecorded();
  expect(exchange.webSocket?.cut).toBeUndefined();
  expect(await textsOf(exchange, 'client')).toEqual(texts);
  expect(await textsOf(exchange, 'server')).toEqual(texts);
});

/** Reads one direction's frames under these `Sec-WebSocket-Extensions` lines. */
async function read(lines: readonly string[], frames: readonly Buffer[]) {
  const texts: string[] = [];
  let isUnreadable = false;
  const tap = {
    webSocketMessage: ({ data }) => texts.push(Buffer.from(data).toString()),
    webSocketUnreadable: () => {
      isUnreadable = true;
    },
  } as Partial<Tap> as Tap;
  const headers = lines.map((value) => ['Sec-WebSocket-Extensions', value] as const);
  const reader = createMessageReader(headers, tap);
  reader.fromServer.write(Buffer.concat(frames));
  await new Promise<void>((resolve) => reader.finish(resolve));
  return { texts, isUnreadable };
}

describe('the agreement is understood', () => {
  test.each([
    ['with a quoted value', ['permessage-deflate; server_max_window_bits="10"']],
    ['in odd case', ['PerMessage-Deflate; Server_No_Context_Takeover']],
    ['with odd spaces', [' permessage-deflate ;server_max_window_bits = 12 ']],
    ['behind another extension', ['x-other; a=1, permessage-deflate']],
    ['in another line', ['x-other', 'permessage-deflate; client_no_context_takeover']],
    ['with a parameter that nobody knows', ['permessage-deflate; x=1']],
    ['with a parameter that came twice', ['permessage-deflate; x; x']],
    ['with empty elements', [', permessage-deflate,,']],
    [
      'with a window of which zlib makes a bigger one',
      ['permessage-deflate; server_max_window_bits=8'],
    ],
  ])('%s', async (_, lines) => {
    const text = 'again and '.repeat(100);
    const frames = [frame(deflated(text), { compressed: true }), frame('plain')];
    expect(await read(lines, frames)).toEqual({ texts: [text, 'plain'], isUnreadable: false });
  });

  test('without an agreement', async () => {
    for (const lines of [[], ['x-permessage-deflate'], ['x; y=permessage-deflate']]) {
      const frames = [frame('plain'), frame(deflated('x'), { compressed: true })];
      expect(await read(lines, frames)).toEqual({ texts: ['plain'], isUnreadable: true });
    }
  });
});

describe('a compressed message is read', () => {
  test('in fragments, with a ping between them', async () => {
    const bytes = deflated('in fragments '.repeat(50));
    const frames = [
      frame(bytes.subarray(0, 3), { compressed: true, fin: false }),
      frame('ping', { opcode: 9 }),
      frame(bytes.subarray(3, 9), { opcode: 0, fin: false }),
      frame(bytes.subarray(9), { opcode: 0 }),
    ];
    const { texts } = await read(['permessage-deflate'], frames);
    expect(texts).toEqual(['ping', 'in fragments '.repeat(50)]);
  });

  // RFC 7692 7.2.3.4: a final DEFLATE block, and an empty one behind it.
  test('that ends with a final block', async () => {
    const final = (text: string) => Buffer.concat([deflateRawSync(text), Buffer.from([0])]);
    const frames = ['one', 'two'].map((text) => frame(final(text), { compressed: true }));
    expect((await read(['permessage-deflate'], frames)).texts).toEqual(['one', 'two']);
  });

  test('up to a limit; a decompression bomb is not read', async () => {
    const bomb = deflateRawSync(Buffer.alloc(100 * 1024 * 1024), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    const before = process.memoryUsage().rss;
    const frames = [frame('before'), frame(bomb, { compressed: true })];
    expect(await read(['permessage-deflate'], frames)).toEqual({
      texts: ['before'],
      isUnreadable: true,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });
});
