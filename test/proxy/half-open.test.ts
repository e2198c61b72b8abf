import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Exchange, WebSocketMessage } from '../../src/exchange.ts';
import { eventually } from '../helpers/eventually.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { listen } from '../helpers/upstream.ts';
import { frame, handshake, switching } from '../helpers/websocket-frames.ts';

/** A server that keeps its side open when a client ends, and says nothing unless told. */
async function staying(onData: (socket: Socket, chunk: Buffer, count: number) => void) {
  const ended: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let count = 0;
    socket.on('data', (chunk) => {
      count += 1;
      onData(socket, chunk, count);
    });
    socket.on('end', () => ended.push(socket));
  });
  return Object.assign(await listen(server, 'ws', '127.0.0.1'), { ended });
}

const hi = frame('hi', { mask: Buffer.from([1, 2, 3, 4]) });
const yo = frame('yo');
const unknown = Buffer.from([0xff, 0xfe, 0xfd]);

async function textsOf(exchange: Exchange): Promise<string[]> {
  const messages: WebSocketMessage[] = [];
  for await (const message of exchange.webSocket?.messages() ?? []) messages.push(message);
  return messages.map(({ data }) => Buffer.from(data).toString());
}

const shake = (socket: Socket, _: Buffer, count: number) => {
  if (count === 1) socket.write(Buffer.concat([Buffer.from(switching()), yo]));
};

describe('a WebSocket', () => {
  async function open(onData = shake, options: { timeoutMs?: number } = {}) {
    const server = await staying(onData);
    const proxy = await recordingProxy(options);
    const client = await connectRaw(proxy.port);
    client.send(handshake(server.host, `http://${server.host}/`));
    await client.until(yo.toString('latin1'));
    return { server, proxy, client };
  }

  test('whose client has ended still delivers data of its server', async () => {
    const { server, proxy, client } = await open();
    client.socket.end(hi);
    const [socket] = await eventually(() => {
      expect(server.ended).toHaveLength(1);
      return server.ended as [Socket];
    });
    socket.write(frame('late'));
    await client.until(frame('late').toString('latin1'));
    socket.end(frame('later'));
    expect(await client.rest()).toBe(frame('later').toString('latin1'));
    const exchange = await proxy.onlyRecorded();
    expect(exchange.outcome.kind).toBe('completed');
    expect((await textsOf(exchange)).sort()).toEqual(['hi', 'late', 'later', 'yo']);
  });

  test('whose server has ended still delivers data of its client', async () => {
    let received = Buffer.alloc(0);
    const { proxy, client } = await open((socket, chunk, count) => {
      shake(socket, chunk, count);
      if (count > 1) received = Buffer.concat([received, chunk]);
      if (count === 2) socket.end();
    });
    client.socket.allowHalfOpen = true;
    client.send(hi);
    await client.rest();
    client.send(hi);
    await eventually(() => expect(received.equals(Buffer.concat([hi, hi]))).toBe(true));
    client.socket.end();
    const exchange = await proxy.onlyRecorded();
    expect(exchange.outcome.kind).toBe('completed');
    expect(await textsOf(exchange)).toEqual(['yo', 'hi', 'hi']);
  });

  test.each(['end', 'destroy'] as const)(
    'whose client is gone (%s) ends when its server stays silent',
    async (how) => {
      const { proxy, client } = await open(shake, { timeoutMs: 300 });
      client.send(hi);
      client.socket[how]();
      const exchange = await proxy.onlyRecorded();
      expect(exchange.outcome).toMatchObject({ kind: 'aborted', partial: { status: 101 } });
      expect(await textsOf(exchange)).toContain('yo');
      expect(proxy.inFlight).toBe(0);
    },
  );

  test('whose client resets it ends at once', async () => {
    const { proxy, client } = await open();
    (client.socket as Socket).resetAndDestroy();
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
  });
});

/** The sockets that this process opens from now on, as a client of whoever. */
function openedFromNow(): Socket[] {
  const opened: Socket[] = [];
  const listener = (message: unknown) => opened.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', listener);
  onTestFinished(() => void unsubscribe('net.client.socket', listener));
  return opened;
}

test('a tunnel whose client is gone ends when its server stays silent', async () => {
  const server = await staying(() => {});
  const proxy = await recordingProxy({ timeoutMs: 300 });
  const client = rawConnection(await openTunnel(proxy.port, server.host));
  const opened = openedFromNow();
  client.send(unknown);
  await eventually(() => expect(server.sockets.size).toBe(1));
  client.socket.end();
  const [upstream, ...others] = opened;
  expect(others).toEqual([]);
  // The server keeps its side, and notices nothing.
  await eventually(() => expect(upstream?.closed).toBe(true));
  await client.rest();
});
