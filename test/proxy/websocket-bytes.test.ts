import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { expect, test } from 'vitest';
import type { Tap, WebSocketMessage } from '../../src/exchange.ts';
import { createMessageReader } from '../../src/proxy/websocket-messages.ts';
import { eventually } from '../helpers/eventually.ts';
import { openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { listen, type Upstream, upstreamAuthority } from '../helpers/upstream.ts';
import { frame, handshake, switching } from '../helpers/websocket-frames.ts';

type SlowServer = Upstream & { readonly received: Buffer; readOn(): void };

/** A WebSocket server that reads nothing after the handshake until it is asked to. */
async function slowServer(isSecure: boolean): Promise<SlowServer> {
  const chunks: Buffer[] = [];
  let socket: Socket | undefined;
  const accept = (accepted: Socket) => {
    socket = accepted.on('error', () => {});
    accepted.once('data', () => {
      accepted.pause();
      accepted.on('data', (chunk) => chunks.push(chunk));
      accepted.pause();
      accepted.write(switching());
    });
  };
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = isSecure ? createTlsServer({ key, cert }, accept) : createServer(accept);
  const upstream = await listen(server, 'ws', isSecure ? 'localhost' : '127.0.0.1');
  return {
    ...upstream,
    get received() {
      return Buffer.concat(chunks);
    },
    readOn: () => void socket?.resume(),
  };
}

/** Waits until nothing more is taken off a stream. */
async function standstill(stream: Writable): Promise<void> {
  let waiting = stream.writableLength;
  let quietRounds = 0;
  await eventually(() => {
    quietRounds = stream.writableLength === waiting ? quietRounds + 1 : 0;
    waiting = stream.writableLength;
    expect(quietRounds).toBeGreaterThan(20);
  });
}

test.each([
  ['ws', false],
  ['wss', true],
])('masked frames that wait for a slow server over %s arrive unchanged', async (_, isSecure) => {
  const upstream = await slowServer(isSecure);
  const proxy = await recordingProxy();
  const tunnel = isSecure
    ? await openSecureTunnel(proxy, upstream.host)
    : await openTunnel(proxy.port, upstream.host);
  const client = rawConnection(tunnel);
  client.send(handshake(upstream.host));
  await client.until('\r\n\r\n');
  const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  const frames = Array.from({ length: 8000 }, (_, index) =>
    frame(`${index} `.repeat(200), { mask }),
  );
  // More than the systems' buffers take, so that the proxy holds some of it; one by one, so that over TLS it holds several.
  for (const each of frames) tunnel.write(each);
  const sent = Buffer.concat(frames);
  await standstill(tunnel);
  upstream.readOn();
  await eventually(() => expect(upstream.received.length).toBe(sent.length));
  expect(upstream.received.equals(sent)).toBe(true);
});

test('the message reader does not change its input', async () => {
  const messages: WebSocketMessage[] = [];
  const tap = {
    webSocketMessage: (message) => messages.push(message),
    webSocketUnreadable: () => {},
  } as Partial<Tap> as Tap;
  const reader = createMessageReader([], tap);
  const payload = randomBytes(70_000);
  for (const [side, mask] of [
    ['fromClient', Buffer.from([1, 2, 3, 4])],
    ['fromServer', undefined],
  ] as const) {
    const bytes = Buffer.concat([
      frame('short', mask && { mask }),
      frame('ping', { opcode: 9, ...(mask && { mask }) }),
      frame(payload, { opcode: 2, ...(mask && { mask }) }),
      frame(Buffer.from([3, 232]), { opcode: 8, ...(mask && { mask }) }),
    ]);
    const before = Buffer.from(bytes);
    // In pieces that end in the middle of frames.
    for (let at = 0; at < bytes.length; at += 999) reader[side].write(bytes.subarray(at, at + 999));
    expect(bytes.equals(before)).toBe(true);
  }
  await new Promise<void>((resolve) => reader.finish(resolve));
  expect(messages.filter(({ data }) => payload.equals(data))).toHaveLength(2);
  expect(messages.map(({ opcode }) => opcode)).toEqual([1, 9, 2, 8, 1, 9, 2, 8]);
});

test('bytes after a close frame are not read, and no message is missing', async () => {
  const opcodes: number[] = [];
  let isUnreadable = false;
  const tap = {
    webSocketMessage: ({ opcode }) => opcodes.push(opcode),
    webSocketUnreadable: () => {
      isUnreadable = true;
    },
  } as Partial<Tap> as Tap;
  const { fromServer, finish } = createMessageReader([], tap);
  const close = frame(Buffer.from([3, 232]), { opcode: 8 });
  fromServer.write(Buffer.concat([frame('last'), close, frame('too late')]));
  fromServer.write(frame('later still'));
  await new Promise<void>((resolve) => finish(resolve));
  expect([opcodes, isUnreadable]).toEqual([[1, 8], false]);
});
