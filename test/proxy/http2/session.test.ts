import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { UpstreamSession } from '../../../src/proxy/http2/session.ts';
import { eventually } from '../../helpers/eventually.ts';
import { frame } from '../../helpers/http2-frames.ts';
import {
  answerHeaders,
  frameType,
  goaway,
  rawHttp2Upstream,
} from '../../helpers/http2-raw-upstream.ts';

const get = { ':method': 'GET', ':path': '/', ':authority': 'a.test', ':scheme': 'http' };

async function sessionTo(port: number, idleMs = 60_000): Promise<UpstreamSession> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const session = new UpstreamSession(socket, false, { idleMs, intervalMs: 10 });
  await session.established;
  return session;
}

test('a session that nobody uses is closed after a while', async () => {
  const upstream = await rawHttp2Upstream(() => {});
  const session = await sessionTo(upstream.port, 50);
  expect(session.hasRoom).toBe(true);
  await once(session.socket, 'close');
  expect(session.hasRoom).toBe(false);
  await eventually(() => expect(upstream.sockets.size).toBe(0));
});

test('a session with a stream stays, however long that is silent', async () => {
  const upstream = await rawHttp2Upstream(() => {});
  const session = await sessionTo(upstream.port, 50);
  const stream = session.request(get, false);
  stream.on('error', () => {});
  const idle = await sessionTo(upstream.port, 50);
  await once(idle.socket, 'close');
  expect(session.isOpen).toBe(true);
  stream.close(8);
  await once(session.socket, 'close');
});

test('a session that a server has said goodbye to ends with its last stream', async () => {
  const upstream = await rawHttp2Upstream(({ type, stream }, { send }) => {
    if (type === frameType.headers) send(goaway(stream, 0));
  });
  const session = await sessionTo(upstream.port);
  let isClosing = false;
  session.listener = {
    onRoom() {},
    onClosing() {
      isClosing = true;
    },
  };
  const stream = session.request(get, false);
  await eventually(() => expect([isClosing, session.hasRoom]).toEqual([true, false]));
  upstream.received[0]?.send(answerHeaders(stream.id ?? 1, undefined, true));
  const [headers] = await once(stream, 'response');
  expect(headers[':status']).toBe(200);
  stream.resume();
  await once(session.socket, 'close');
});

test('a PING of the server is answered', async () => {
  const upstream = await rawHttp2Upstream(({ type }, { send }) => {
    if (type === frameType.settings) send(frame(frameType.ping, 0, 0, Buffer.from('12345678')));
  });
  await sessionTo(upstream.port);
  await eventually(() => {
    const answers = upstream.received[0]?.frames.filter(
      ({ type, flags }) => type === frameType.ping && flags === 1,
    );
    expect(String(answers?.[0]?.payload)).toBe('12345678');
  });
});

test('no PING is sent to servers, which count them', async () => {
  const upstream = await rawHttp2Upstream(({ type, stream }, { send }) => {
    if (type === frameType.headers) send(answerHeaders(stream));
  });
  const session = await sessionTo(upstream.port);
  const stream = session.request(get, false);
  stream.on('error', () => {});
  await once(stream, 'response');
  const settings = () =>
    upstream.received[0]?.frames.filter(({ type, flags }) => type === frameType.settings && !flags);
  // Its own, and a question whether it still speaks.
  await eventually(() => expect(settings()?.length).toBeGreaterThan(1));
  expect(upstream.received[0]?.frames.some(({ type }) => type === frameType.ping)).toBe(false);
});
