import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createEntrance } from '../../src/proxy/entrance.ts';
import type { Front } from '../../src/proxy/front.ts';
import { listen } from '../../src/proxy/listening.ts';
import { eventually } from '../helpers/eventually.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, sendRaw } from '../helpers/raw-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** An entrance whose front sends back what it receives, once it has been loaded. */
async function openEntrance() {
  const accepted: Socket[] = [];
  const bugs: Error[] = [];
  let loads = 0;
  let end: { loaded: (front: Front) => void; failed: (error: Error) => void } | undefined;
  const loadFront = () => {
    loads += 1;
    return new Promise<Front>((loaded, failed) => {
      end = { loaded, failed };
    });
  };
  const entrance = createEntrance(loadFront, (error) => bugs.push(error));
  entrance.server.on('connection', (socket) => accepted.push(socket));
  const port = await listen(entrance.server, 0, '127.0.0.1');
  onTestFinished(() => {
    void entrance.stop();
    for (const socket of accepted) socket.destroy();
  });
  const echo = createServer((socket) => void socket.pipe(socket));
  const front: Front = { server: echo, tunnel: () => {}, stop: () => {} };
  return {
    ...{ port, accepted, bugs },
    loads: () => loads,
    finish: () => end?.loaded(front),
    fail: (error: Error) => end?.failed(error),
  };
}

test('what clients send before the front is loaded reaches it, and the front is loaded once', async () => {
  const { port, accepted, loads, finish } = await openEntrance();
  const clients = await Promise.all([connectRaw(port), connectRaw(port)]);
  for (const client of clients) client.send('early');
  await eventually(() => expect(accepted.map(({ bytesRead }) => bytesRead)).toEqual([5, 5]));
  finish();
  for (const client of clients) expect(await client.until('early')).toBe('early');
  const late = await connectRaw(port);
  late.send('late');
  expect(await late.until('late')).toBe('late');
  expect(loads()).toBe(1);
});

test('a client that resets its connection before the front is loaded does no harm', async () => {
  const { port, accepted, finish } = await openEntrance();
  const client = await connectRaw(port);
  (client.socket as Socket).resetAndDestroy();
  await eventually(() => expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true]));
  finish();
  const other = await connectRaw(port);
  other.send('x');
  expect(await other.until('x')).toBe('x');
});

test('without a front, connections are closed and the error is passed on', async () => {
  const { port, bugs, fail } = await openEntrance();
  const client = await connectRaw(port);
  const error = new Error('broken');
  await eventually(() => {
    fail(error);
    expect(bugs).toEqual([error]);
  });
  expect(await client.rest()).toBe('');
});

test('a request that came before the front was loaded is answered while the proxy closes', async () => {
  const upstream = await httpUpstream((_, response) => response.end('served'));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: ${upstream.host}\r\n\r\n`);
  // It has been accepted when a later connection to another port of this process has been.
  await connectRaw(upstream.port);
  await eventually(() => expect(upstream.connections).toBe(1));
  await proxy.close(60_000);
  expect(await client.rest()).toContain('served');
});

test('a proxy that nobody has called is closed at once', async () => {
  const proxy = await recordingProxy();
  await proxy.close(60_000);
  await expect(sendRaw(proxy.port, 'x')).rejects.toThrow('ECONNREFUSED');
});
