import { once } from 'node:events';
import { type ClientHttp2Stream, constants } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { ask, openSecureTunnel } from '../../helpers/http-client.ts';
import { answerTo, askHttp2, http2Session } from '../../helpers/http2-client.ts';
import {
  answerData,
  answerHeaders,
  answerReset,
  type Frame,
  frameType,
  goaway,
  rawHttp2Upstream,
} from '../../helpers/http2-raw-upstream.ts';
import { clearHttp2Upstream, secureHttp2Upstream } from '../../helpers/http2-upstream.ts';
import { bodyOf, recordingProxy } from '../../helpers/proxy.ts';

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = constants;

const isHeaders = ({ type }: Frame) => type === frameType.headers;
const codesIn = (frames: readonly Frame[]) =>
  frames
    .filter(({ type }) => type === frameType.reset)
    .map(({ payload }) => payload.readUInt32BE());

/** Waits until a stream is over, however; `once` would reject with its error. */
function closed(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

test('streams share a connection, as many as the server takes at once', async () => {
  let open = 0;
  let most = 0;
  const upstream = await secureHttp2Upstream(
    (request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end(request.url);
      }, 5);
    },
    { settings: { maxConcurrentStreams: 5 } },
  );
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
  const answers = await Promise.all(paths.map((path) => askHttp2(session, { ':path': path })));
  expect(answers.map(({ body }) => body)).toEqual(paths);
  expect(upstream.connections).toBeLessThanOrEqual(8);
  expect(most).toBeLessThanOrEqual(40);
});

test.each([
  ['before its answer', 0],
  ['behind the head of its answer', 1],
  ['within the body of its answer', 2],
])('a stream that the server resets %s is reset with the same code', async (_, parts) => {
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    if (!isHeaders(frame)) return;
    const { stream } = frame;
    const sent = [answerHeaders(stream), answerData(stream, 'half')].slice(0, parts);
    send(...sent);
    setImmediate(() => send(answerReset(stream, NGHTTP2_ENHANCE_YOUR_CALM)));
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/' });
  await expect(answerTo(stream)).rejects.toThrow();
  expect(stream.rstCode).toBe(NGHTTP2_ENHANCE_YOUR_CALM);
  const { outcome } = await proxy.onlyRecorded();
  expect(outcome).toMatchObject({
    kind: 'failed',
    reason: { kind: 'reset', message: expect.stringContaining('ENHANCE_YOUR_CALM') },
  });
});

test('a client of HTTP/1.1 is told of a stream that was reset', async () => {
  const upstream = await secureHttp2Upstream((_, response) => response.stream.close(11));
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const { status, body } = await ask(proxy, upstream.url, { over });
  expect(status).toBe(502);
  expect(String(body)).toContain('ENHANCE_YOUR_CALM');
});

test.each([NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM])(
  'a stream that the client resets with code %i in mid-upload does not end upstream, and is reset with the same code',
  async (code) => {
    const upstream = await rawHttp2Upstream(() => {});
    const proxy = await recordingProxy();
    const session = await http2Session(proxy, upstream);
    const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true });
    stream.on('error', () => {});
    stream.write('half');
    const frames = () => upstream.received.flatMap((one) => one.frames);
    const data = () => frames().filter(({ type }) => type === frameType.data);
    await eventually(() => expect(String(data()[0]?.payload)).toBe('half'));
    stream.close(code);
    await eventually(() => expect(codesIn(frames())).toEqual([code]));
    expect(data().some(({ flags }) => flags % 2 === 1)).toBe(false);
    const exchange = await proxy.onlyRecorded();
    expect(exchange.outcome.kind).toBe('aborted');
    expect(await bodyOf(exchange.request)).toBe('half');
  },
);

test('a client that goes takes its streams along, and the connection stays', async () => {
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    if (isHeaders(frame) && frame.stream > 1) send(answerHeaders(frame.stream, undefined, true));
  });
  const proxy = await recordingProxy();
  const first = await http2Session(proxy, upstream);
  const stream = first.request({ ':path': '/' });
  stream.on('error', () => {});
  const frames = () => upstream.received.flatMap((one) => one.frames);
  await eventually(() => expect(frames().some(isHeaders)).toBe(true));
  first.destroy();
  await eventually(() => expect(codesIn(frames())).toEqual([NGHTTP2_CANCEL]));
  const { headers } = await askHttp2(await http2Session(proxy, upstream));
  expect(headers[':status']).toBe(200);
  expect(upstream.connections).toBe(1);
});

test.each([
  ['is refused', (stream: number) => answerReset(stream, NGHTTP2_REFUSED_STREAM)],
  ['comes behind the last stream of a GOAWAY', (stream: number) => goaway(stream - 2, 0)],
  ['comes behind a GOAWAY with an error', (stream: number) => goaway(stream - 2, 11)],
])('a request that %s is sent again, body and trailers included', async (_, refusal) => {
  let refused = 0;
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    const isEnd = frame.type <= frameType.headers && frame.flags % 2 === 1;
    if (frame.stream === 0 || !isEnd) return;
    if (frame.stream === 3 && refused === 0) {
      refused += 1;
      send(refusal(frame.stream));
    } else send(answerHeaders(frame.stream, undefined, true));
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  await askHttp2(session);
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
  stream.write('one');
  stream.end('two');
  expect((await answerTo(stream)).headers[':status']).toBe(200);
  expect(refused).toBe(1);
  const bodies = upstream.received
    .flatMap(({ frames }) => frames)
    .filter(({ type }) => type === frameType.data)
    .map(({ payload }) => String(payload));
  expect(bodies.join('')).toBe('onetwoonetwo');
  expect((await proxy.recorded(2)).map(({ outcome }) => outcome.kind)).toEqual(
    Array(2).fill('completed'),
  );
});

test('a request whose body was too long to be kept is refused to the client', async () => {
  let isRefused = false;
  const upstream = await clearHttp2Upstream((request, response) => {
    let length = 0;
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length > 200_000 && !isRefused) {
        isRefused = true;
        response.stream.close(NGHTTP2_REFUSED_STREAM);
      }
    });
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => {});
  stream.end(Buffer.alloc(300_000));
  await closed(stream);
  expect(stream.rstCode).toBe(NGHTTP2_REFUSED_STREAM);
});

test('a server that refuses every time is given up', async () => {
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    if (isHeaders(frame)) send(answerReset(frame.stream, NGHTTP2_REFUSED_STREAM));
  });
  const proxy = await recordingProxy();
  const stream = (await http2Session(proxy, upstream)).request({ ':path': '/' });
  await expect(answerTo(stream)).rejects.toThrow(/REFUSED_STREAM/);
  expect(upstream.received.flatMap(({ frames }) => frames).filter(isHeaders)).toHaveLength(4);
});

test('an answer that is whole before its request lets the rest pass', async () => {
  let received = '';
  const upstream = await clearHttp2Upstream((request, response) => {
    request.on('data', (chunk) => {
      received += chunk;
    });
    response.end('early');
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.write('first');
  stream.setEncoding('utf8');
  expect((await once(stream, 'data'))[0]).toBe('early');
  await once(stream, 'end');
  stream.end(' and rest');
  await eventually(() => expect(received).toBe('first and rest'));
  const exchange = await proxy.onlyRecorded();
  expect(exchange.outcome.kind).toBe('completed');
  expect(await bodyOf(exchange.request)).toBe('first and rest');
});

test('the rest of a request arrives whole when it ends a stream whose answer was complete', async () => {
  let count = (_bytes: number) => {};
  const counted = new Promise<number>((resolve) => {
    count = resolve;
  });
  const upstream = await clearHttp2Upstream((request, response) => {
    response.end('early');
    buffer(request).then(
      ({ length }) => count(length),
      () => count(-1),
    );
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream: false });
  expect((await answerTo(stream)).body).toBe('early');
  // More than pmproxy writes before it waits for the server.
  stream.end(Buffer.alloc(60_000, 'rest'));
  expect(await counted).toBe(60_000);
  expect(await bodyOf((await proxy.onlyRecorded()).request)).toHaveLength(60_000);
});

test('a client that resets a stream with HTTP_1_1_REQUIRED says nothing about the server', async () => {
  const upstream = await clearHttp2Upstream((request, response) => {
    if (request.url === '/reset') response.write('begun');
    else response.end(request.httpVersion);
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/reset' });
  stream.on('error', () => {});
  await once(stream, 'data');
  stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED);
  await proxy.onlyRecorded();
  // Over HTTP/1.1 this server would not answer.
  expect((await askHttp2(session)).body).toBe('2.0');
});

test('a server that wants no more of a request once it has answered says so to the client', async () => {
  const upstream = await rawHttp2Upstream((frame, { send }) => {
    if (!isHeaders(frame)) return;
    const { stream } = frame;
    send(answerHeaders(stream), answerData(stream, 'enough', true), answerReset(stream, 0));
  });
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.write('first');
  stream.setEncoding('utf8');
  const [[text]] = await Promise.all([once(stream, 'data'), once(stream, 'end'), closed(stream)]);
  expect(text).toBe('enough');
  expect(stream.rstCode).toBe(0);
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('completed');
});
