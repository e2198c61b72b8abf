import { expect, test } from 'vitest';
import { ask } from '../../helpers/http-client.ts';
import { answerTo, askHttp2, http2Session } from '../../helpers/http2-client.ts';
import { frame } from '../../helpers/http2-frames.ts';
import {
  answerData,
  answerHeaders,
  frameType,
  line,
  ok,
  type RawSession,
  rawHttp2Upstream,
} from '../../helpers/http2-raw-upstream.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { httpUpstream } from '../../helpers/upstream.ts';

/** What a server does once it has a request. */
type Misdeed = (stream: number, session: RawSession) => void;

/** Sends something again and again until the connection is closed. */
function flood(session: RawSession, bytes: Buffer): void {
  const { socket } = session;
  const more = () => {
    while (socket.writable && socket.write(bytes));
    if (socket.writable) socket.once('drain', more);
  };
  more();
}

const many = (count: number, one: Buffer) => Buffer.concat(Array<Buffer>(count).fill(one));
const large = line('x-large', 'a'.repeat(120));

const misdeeds: readonly [name: string, misdeed: Misdeed][] = [
  ['sends DATA on stream 0', (_, { send }) => send(frame(frameType.data, 0, 0, Buffer.alloc(4)))],
  [
    'sends a frame that is too long',
    (s, { send }) => send(frame(0, 0, s, Buffer.alloc(9), 70_000)),
  ],
  ['sends WINDOW_UPDATE of 0', (_, { send }) => send(frame(8, 0, 0, Buffer.alloc(4)))],
  ['sends DATA ahead of a head', (s, { send }) => send(answerData(s, 'x', true))],
  [
    'sends field blocks that cannot be read',
    (s, { send }) => send(answerHeaders(s, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))),
  ],
  [
    'sends names in upper case',
    (s, { send }) => send(answerHeaders(s, Buffer.concat([ok, line('X-Up', 'a')]), true)),
  ],
  [
    'sends fields about a connection',
    (s, { send }) => send(answerHeaders(s, Buffer.concat([ok, line('connection', 'close')]), true)),
  ],
  [
    'sends a body that is longer than it says',
    (s, { send }) =>
      send(
        answerHeaders(s, Buffer.concat([ok, line('content-length', '2')])),
        answerData(s, 'long', true),
      ),
  ],
  [
    'sends a body that is shorter than it says',
    (s, { send }) =>
      send(
        answerHeaders(s, Buffer.concat([ok, line('content-length', '20')])),
        answerData(s, 'short', true),
      ),
  ],
  [
    'sends a head of a megabyte',
    (s, { send }) => {
      send(frame(1, 0, s, ok));
      for (let i = 0; i < 70; i += 1) send(frame(frameType.continuation, 0, s, many(120, large)));
      send(frame(frameType.continuation, 4, s));
    },
  ],
  [
    'sends CONTINUATION without an end',
    (s, session) => {
      session.send(frame(1, 0, s, ok));
      flood(session, many(100, frame(frameType.continuation, 0, s, line('a', 'b'))));
    },
  ],
  [
    'sends an HPACK bomb',
    (s, { send }) => {
      // One entry of the dynamic table (RFC 7541 2.3.2), named again and again.
      const entry = Buffer.concat([
        Buffer.from([0x40, 1, 0x62, 0x7f, 0xa1, 0x1e]),
        Buffer.alloc(4000, 'a'),
      ]);
      send(answerHeaders(s, Buffer.concat([ok, entry, Buffer.alloc(10_000, 0xbe)]), true));
    },
  ],
  ['closes the connection', (_, { socket }) => socket.end()],
  ['resets the connection', (_, { socket }) => socket.resetAndDestroy()],
  ['speaks HTTP/1.1 at last', (_, { send }) => send(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))],
];

test.each(misdeeds)('a server that %s costs its own exchange', async (_, misdeed) => {
  const upstream = await rawHttp2Upstream(({ type, stream }, session) => {
    if (type === frameType.headers) misdeed(stream, session);
  });
  const other = await httpUpstream((_request, response) => response.end('fine'));
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const answer = await askHttp2(session, { ':method': 'POST' }, 'x').catch((error: Error) => error);
  if (!(answer instanceof Error)) expect(answer.headers[':status']).toBe(502);
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('failed');
  expect(String((await ask(proxy, other.url)).body)).toBe('fine');
});

test.each([true, false])(
  'a server that floods with PING, and reads the answers: %s, is given up',
  async (reads) => {
    const upstream = await rawHttp2Upstream(({ type, stream }, session) => {
      if (type !== frameType.headers) return;
      session.send(answerHeaders(stream));
      if (!reads) session.socket.pause();
      flood(session, many(1000, frame(frameType.ping, 0, 0, Buffer.alloc(8))));
    });
    const proxy = await recordingProxy();
    const stream = (await http2Session(proxy, upstream)).request({ ':path': '/' });
    await expect(answerTo(stream)).rejects.toThrow();
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('failed');
    await expect.poll(() => upstream.sockets.size).toBe(0);
  },
);

test.each([
  ['PING', frame(frameType.ping, 0, 0, Buffer.alloc(8))],
  ['SETTINGS', frame(frameType.settings, 0, 0)],
  ['empty DATA', answerData(1, '')],
])('a server that floods with %s takes no memory and keeps nobody waiting', async (_, bytes) => {
  const upstream = await rawHttp2Upstream(({ type, stream }, session) => {
    if (type !== frameType.headers) return;
    session.send(answerHeaders(stream));
    // It reads none of the answers.
    session.socket.pause();
    flood(session, many(1000, bytes));
  });
  const other = await httpUpstream((_request, response) => response.end('fine'));
  const proxy = await recordingProxy({ timeoutMs: 3000 });
  const before = process.memoryUsage().rss;
  const stream = (await http2Session(proxy, upstream)).request({ ':path': '/' });
  await expect(answerTo(stream)).rejects.toThrow();
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('failed');
  expect(String((await ask(proxy, other.url)).body)).toBe('fine');
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
});
