import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../helpers/eventually.ts';
import { ask, askHead, openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel } from '../helpers/raw-client.ts';
import {
  httpsUpstream,
  httpUpstream,
  tcpUpstream,
  webSocketUpstream,
} from '../helpers/upstream.ts';

/** An upstream whose answers have a first half at once, and a second when told. */
async function halting() {
  let finish = () => {};
  const upstream = await httpUpstream((_, response) => {
    response.write('first half, ');
    finish = () => void response.end('x'.repeat(1_000_000));
  });
  return { ...upstream, finish: () => finish() };
}

test('a stop accepts no new connections and waits for exchanges in flight', async () => {
  const upstream = await halting();
  const proxy = await recordingProxy();
  const response = await askHead(proxy, upstream.url);
  await once(response, 'data');
  const closed = proxy.close(60_000);
  await expect(once(connect(proxy.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  upstream.finish();
  let rest = 0;
  for await (const chunk of response) rest += chunk.length;
  expect([rest, response.complete]).toEqual([1_000_000, true]);
  await closed;
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('completed');
});

test('a stop breaks off remaining exchanges after the grace period', async () => {
  const upstream = await halting();
  const proxy = await recordingProxy();
  const response = await askHead(proxy, upstream.url);
  await once(response, 'data');
  response.on('error', () => {});
  const broken = new Promise((resolve) => response.once('close', resolve));
  await proxy.close(50);
  await broken;
  expect(response.complete).toBe(false);
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({
    kind: 'unfinished',
    partial: { status: 200, body: { size: 'first half, '.length } },
  });
  await eventually(() => expect(upstream.sockets.size).toBe(0));
});

test('a stop in a hurry does not wait', async () => {
  const upstream = await halting();
  const proxy = await recordingProxy();
  const response = await askHead(proxy, upstream.url);
  await once(response, 'data');
  response.on('error', () => {});
  const hurry = new AbortController();
  const closed = proxy.close(600_000, hurry.signal);
  hurry.abort();
  await closed;
  expect(proxy.inFlight).toBe(0);
});

test('a stop closes idle connections of every kind at once', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const secure = await httpsUpstream((_, response) => response.end());
  const silent = await tcpUpstream(() => {});
  const proxy = await recordingProxy();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await ask(proxy, upstream.url, { agent });
  await connectRaw(proxy.port);
  const tunnel = await openTunnel(proxy.port, silent.host);
  tunnel.write(Buffer.from([0, 1, 2]));
  await openSecureTunnel(proxy, secure.host);
  const over = await openSecureTunnel(proxy, secure.host, { ALPNProtocols: ['h2'] });
  const sessions = [
    connectHttp2(proxy.url),
    connectHttp2(secure.url, {
      createConnection: () => over,
    }),
  ];
  for (const session of sessions) session.on('error', () => {});
  await Promise.all(sessions.map((session) => once(session, 'remoteSettings')));
  // Longer than this test may take.
  await proxy.close(600_000);
  await eventually(() => {
    for (const session of sessions) expect(session.destroyed).toBe(true);
    for (const { sockets } of [upstream, secure, silent]) expect(sockets.size).toBe(0);
  });
});

test('a stop breaks off WebSockets after the grace period', async () => {
  const upstream = await webSocketUpstream((server) => server.on('connection', () => {}));
  const proxy = await recordingProxy();
  const tunnel = await openTunnel(proxy.port, upstream.host);
  const client = new WebSocket(upstream.url, { createConnection: () => tunnel });
  await once(client, 'open');
  expect(proxy.inFlight).toBe(1);
  const closed = once(client, 'close');
  await proxy.close(20);
  expect((await closed)[0]).toBe(1006);
  await eventually(() => expect(proxy.inFlight).toBe(0));
});

test('a stop may be requested twice', async () => {
  const proxy = await recordingProxy();
  await Promise.all([proxy.close(0), proxy.close(0)]);
});
