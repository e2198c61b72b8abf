import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { watchSessions } from '../../../src/proxy/http2-server/sessions.ts';
import { eventually } from '../../helpers/eventually.ts';
import { openSecureTunnel } from '../../helpers/http-client.ts';
import { badFrame, fieldBlock, frame, headers, preface } from '../../helpers/http2-frames.ts';
import { type RecordingProxy, recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw, type RawConnection, rawConnection } from '../../helpers/raw-client.ts';
import { httpsUpstream, httpUpstream, type Upstream } from '../../helpers/upstream.ts';

type Open = (proxy: RecordingProxy, upstream: Upstream) => Promise<RawConnection>;
type Frames = (url: string) => Buffer[];

const inClearText: Open = (proxy) => connectRaw(proxy.port);
const overTls: Open = async (proxy, upstream) =>
  rawConnection(await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['h2'] }));

async function secureUpstream() {
  return httpsUpstream((request, response) => request.resume().on('end', () => response.end('ok')));
}

const block = (url: string) => fieldBlock('GET', url);

const breaches: [name: string, frames: Frames][] = [
  ['DATA on stream 0', () => [badFrame]],
  ['a field block that is not HPACK', () => [frame(1, 5, 1, Buffer.alloc(4, 0xff))]],
  ['a frame that is too large', () => [frame(0, 0, 1, Buffer.alloc(10), 1 << 22)]],
  ['SETTINGS of 5 bytes', () => [frame(4, 0, 0, Buffer.alloc(5))]],
  ['CONTINUATION without HEADERS', (url) => [frame(9, 4, 1, block(url))]],
  [
    'too many CONTINUATIONs',
    (url) => [frame(1, 1, 1, block(url)), ...Array(20).fill(frame(9, 0, 1))],
  ],
  ['WINDOW_UPDATE of 0', () => [frame(8, 0, 0, Buffer.alloc(4))]],
  ['a bad frame after a request', (url) => [headers(1, 'GET', url), badFrame]],
  ['a bad frame after the head of an upload', (url) => [headers(1, 'POST', url), badFrame]],
  [
    'a bad frame after GOAWAY and the head of an upload',
    (url) => [headers(1, 'POST', url), frame(7, 0, 0, Buffer.alloc(8)), badFrame],
  ],
];

describe.each([
  ['over TLS', overTls],
  ['in clear text', inClearText],
])('%s', (_, open) => {
  test('the proxy closes every connection that breaks the protocol', async () => {
    const upstream = await secureUpstream();
    const proxy = await recordingProxy();
    const stillOpen = new Set(breaches.map(([name]) => name));
    const breach = async ([name, frames]: (typeof breaches)[number]) => {
      const client = await open(proxy, upstream);
      client.send(Buffer.concat([preface, ...frames(`${upstream.url}/`)]));
      // The client does not close its own end.
      await client.rest();
      stillOpen.delete(name);
    };
    for (const each of breaches) void breach(each);
    await eventually(() => expect([...stillOpen]).toEqual([]));
    await eventually(() => expect(proxy.inFlight).toBe(0));
  });

  test('the proxy closes the connection of a client that answers no PING', async () => {
    const upstream = await secureUpstream();
    const proxy = await recordingProxy({ timeoutMs: 1000 });
    const client = await open(proxy, upstream);
    client.send(preface);
    // PING without ACK (RFC 9113 6.7).
    await client.until('\0\0\x08\x06\0\0\0\0\0');
    await client.rest();
  });
});

test('an upload whose session breaks off is aborted at the upstream', async () => {
  const upstream = await httpUpstream((request) => request.resume().on('error', () => {}));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(Buffer.concat([preface, headers(1, 'POST', `${upstream.url}/`)]));
  client.send(frame(0, 0, 1, Buffer.from('half')));
  await eventually(() => expect(upstream.sockets.size).toBe(1));
  client.send(badFrame);
  await client.rest();
  await eventually(() => expect(upstream.sockets.size).toBe(0));
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
});

test('the proxy closes the connection of a client that does not read', async () => {
  const piece = Buffer.alloc(65_536);
  const upstream = await httpUpstream((_, response) => {
    const fill = () => {
      while (response.write(piece));
      response.once('drain', fill);
    };
    fill();
  });
  const proxy = await recordingProxy({ timeoutMs: 1000 });
  const client = await connectRaw(proxy.port);
  const largestWindow = Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff]);
  client.send(Buffer.concat([preface, frame(4, 0, 0, largestWindow)]));
  client.send(frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0, 0])));
  client.send(headers(1, 'GET', `${upstream.url}/`));
  await eventually(() => expect(client.received.length).toBeGreaterThan(100_000));
  client.socket.pause();
  await eventually(() => expect(upstream.sockets.size).toBe(0));
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
});

test('a session in a tunnel over HTTP/2 is closed as well, and its tunnel with it', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  const outer = connect(proxy.url);
  onTestFinished(() => outer.destroy());
  const stream = outer.request({ ':method': 'CONNECT', ':authority': upstream.host });
  stream.on('error', () => {});
  await once(stream, 'response');
  const inner = rawConnection(Duplex.from({ readable: stream, writable: stream }));
  inner.send(Buffer.concat([preface, headers(1, 'GET', `${upstream.url}/`)]));
  await inner.until('ok');
  inner.send(badFrame);
  await inner.rest();
  expect(outer.destroyed).toBe(false);
});

async function watchedServer(limits: { idleMs: number; timeoutMs: number }) {
  const server = createServer((_, response) => void response.writeHead(200));
  watchSessions(server, { lingerMs: 1000, intervalMs: 10, ...limits });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => session.destroy());
  return { server, session };
}

test('a session without streams is eventually closed with GOAWAY', async () => {
  const { session } = await watchedServer({ idleMs: 50, timeoutMs: 10_000 });
  const [[code]] = await Promise.all([once(session, 'goaway'), once(session, 'close')]);
  expect(code).toBe(0);
});

test('a session with a silent stream stays open as long as its client answers PINGs', async () => {
  const { server, session } = await watchedServer({ idleMs: 50, timeoutMs: 50 });
  const closed = closedSockets(server);
  const stream = session.request({ ':path': '/' });
  await once(stream, 'response');
  for (let i = 0; i < 20; i += 1) {
    // The server asks once, and again after it has heard something.
    const asked = once(session, 'ping');
    await answerTo(session);
    await asked;
  }
  expect([session.closed, stream.closed, closed.count]).toEqual([false, false, 0]);
});

function closedSockets(server: Http2Server) {
  const closed = { count: 0 };
  server.on('connection', (socket) => socket.once('close', () => (closed.count += 1)));
  return closed;
}

function answerTo(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => void session.ping(() => resolve()));
}
