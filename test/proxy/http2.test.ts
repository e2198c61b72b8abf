import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { curl, openSecureTunnel } from '../helpers/http-client.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { answerIn, bodyOf, type RecordingProxy, recordingProxy } from '../helpers/proxy.ts';
import {
  cannedUpstream,
  deadPort,
  httpsUpstream,
  httpUpstream,
  type Upstream,
} from '../helpers/upstream.ts';

const withCurl = testWith('curl', '--version');

/** Opens a session to a secure upstream through a tunnel. */
async function sessionTo(
  proxy: RecordingProxy,
  upstream: Pick<Upstream, 'host' | 'url'>,
): Promise<ClientHttp2Session> {
  const socket = await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['h2'] });
  expect(socket.alpnProtocol).toBe('h2');
  const session = connect(upstream.url, { createConnection: () => socket });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

async function answerOf(stream: ClientHttp2Stream) {
  // Both from the start: an answer may be broken off in the moment in which it begins.
  const [[headers], body] = await Promise.all([once(stream, 'response'), buffer(stream)]);
  return { headers, body };
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer) {
  const stream = session.request(headers, { endStream: body === undefined });
  // Piece by piece, for Node's client takes no more than 10 MB at once.
  const pieces = Array.from({ length: Math.ceil((body?.length ?? 0) / 65_536) }, (_, i) =>
    body?.subarray(i * 65_536, (i + 1) * 65_536),
  );
  if (body !== undefined) Readable.from(pieces).pipe(stream);
  return answerOf(stream);
}

test('requests over HTTP/2 are sent on over HTTP/1.1 and recorded as HTTP/2', async () => {
  const upstream = await httpsUpstream((request, response) => {
    response.setHeader(
      'X-Saw',
      `${request.httpVersion} ${request.method} ${request.url} ${request.headers.host}`,
    );
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    request.pipe(response);
  });
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy, upstream);
  const { headers, body } = await ask(
    session,
    { ':method': 'POST', ':path': '/a?b', 'x-two': ['1', '2'] },
    Buffer.from('hello'),
  );
  expect(headers[':status']).toBe(200);
  expect(headers['x-saw']).toBe(`1.1 POST /a?b ${upstream.host}`);
  expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(body.toString()).toBe('hello');
  const exchange = await proxy.onlyRecorded();
  expect(exchange.request).toMatchObject({
    method: 'POST',
    url: `${upstream.url}/a?b`,
    httpVersion: '2.0',
  });
  expect(exchange.request.headers.filter(([name]) => name === 'x-two')).toEqual([
    ['x-two', '1'],
    ['x-two', '2'],
  ]);
  expect(exchange.connection.client).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(await bodyOf(exchange.request)).toBe('hello');
});

test('concurrent streams each get their own response', async () => {
  const upstream = await httpsUpstream((request, response) => {
    setTimeout(() => response.end(request.url), (Number(request.url?.slice(1)) * 7) % 20);
  });
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy, upstream);
  const paths = Array.from({ length: 80 }, (_, i) => `/${i}`);
  const answers = await Promise.all(paths.map((path) => ask(session, { ':path': path })));
  expect(answers.map(({ body }) => body.toString())).toEqual(paths);
  await proxy.recorded(80);
});

test('20 MB pass completely in both directions', async () => {
  const upstream = await httpsUpstream((request, response) => request.pipe(response));
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy, upstream);
  const sent = randomBytes(20_000_000);
  const { body } = await ask(session, { ':method': 'PUT', ':path': '/' }, sent);
  const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(sum(body)).toBe(sum(sent));
});

test.each([204, 304])('a %i has no body', async (status) => {
  const upstream = await httpsUpstream((_, response) => response.writeHead(status).end());
  const proxy = await recordingProxy();
  const { headers, body } = await ask(await sessionTo(proxy, upstream), { ':path': '/' });
  expect([headers[':status'], body.length]).toEqual([status, 0]);
});

test('the response to a HEAD keeps its length', async () => {
  const upstream = await httpsUpstream((_, response) =>
    response.setHeader('Content-Length', 1234).end(),
  );
  const proxy = await recordingProxy();
  const { headers, body } = await ask(await sessionTo(proxy, upstream), {
    ':path': '/',
    ':method': 'HEAD',
  });
  expect([headers['content-length'], body.length]).toEqual(['1234', 0]);
});

test('early hints and trailers reach the client', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  const proxy = await recordingProxy();
  const session = connect(proxy.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':authority': upstream.host, ':path': '/', ':scheme': 'http' });
  const hints = once(stream, 'headers');
  const trailers = once(stream, 'trailers');
  const { body } = await answerOf(stream);
  expect((await hints)[0]).toMatchObject({ ':status': 103, link: '</a>' });
  expect((await trailers)[0]).toMatchObject({ 'x-sum': '42' });
  expect(body.toString()).toBe('ok');
});

test('an event arrives while its stream stays open', async () => {
  let send = () => {};
  const upstream = await httpsUpstream((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    send = () => void response.write('data: x\n\n');
  });
  const proxy = await recordingProxy();
  const stream = (await sessionTo(proxy, upstream)).request({ ':path': '/' });
  await once(stream, 'response');
  send();
  expect(String((await once(stream, 'data'))[0])).toBe('data: x\n\n');
  stream.close(8);
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
  await eventually(() => expect(upstream.sockets.size).toBe(0));
});

test('a broken response breaks only its own stream', async () => {
  const upstream = await httpsUpstream((request, response) => {
    if (request.url === '/fine') response.end('fine');
    else response.setHeader('Content-Length', 10).write('half', () => response.destroy());
  });
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy, upstream);
  await expect(ask(session, { ':path': '/broken' })).rejects.toThrow(/INTERNAL_ERROR/);
  expect((await ask(session, { ':path': '/fine' })).body.toString()).toBe('fine');
});

test('a failure is answered with an explanation', async () => {
  const host = `localhost:${await deadPort()}`;
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy, { host, url: `https://${host}` });
  const { headers, body } = await ask(
    session,
    { ':path': '/', ':method': 'POST' },
    Buffer.from('x'),
  );
  expect(headers[':status']).toBe(502);
  expect(body.toString()).toMatch(/^pmproxy could not forward this request/);
});

test('an upload that breaks off is recorded as aborted', async () => {
  let received = '';
  const upstream = await httpsUpstream((request) => {
    request
      .on('error', () => {})
      .on('data', (chunk) => {
        received += chunk;
      });
  });
  const proxy = await recordingProxy();
  const stream = (await sessionTo(proxy, upstream)).request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => {});
  stream.write('half');
  await eventually(() => expect(received).toBe('half'));
  stream.close(8);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.outcome.kind).toBe('aborted');
  expect(await bodyOf(exchange.request)).toBe('half');
  await eventually(() => expect(upstream.sockets.size).toBe(0));
});

test('an idle session is not mistaken for a tunnel in which the server speaks first', async () => {
  const upstream = await httpsUpstream((_, response) => response.end('ok'));
  const clock = manualClock();
  const proxy = await recordingProxy({ clock });
  const session = await sessionTo(proxy, upstream);
  await answerOf(session.request({ ':path': '/1' }));
  // A silent tunnel calls its destination after half a second; one connection of those two would be idle.
  await eventually(() => expect(clock.running).toBe(0));
  clock.advance(1000);
  await answerOf(session.request({ ':path': '/2' }));
  expect(upstream.connections).toBe(1);
});

test('headers that HTTP/2 forbids do not reach an HTTP/2 client', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nUpgrade: h2c\r\n' +
      'Content-Type: a\r\nContent-Type: b\r\n__proto__: p\r\nX-Latin: caf\xe9\r\nContent-Length: 2\r\n\r\nok',
  );
  const proxy = await recordingProxy();
  const session = connect(proxy.url);
  onTestFinished(() => session.destroy());
  const { headers, body } = await answerOf(
    session.request({ ':authority': upstream.host, ':path': '/', ':scheme': 'http' }),
  );
  expect(body.toString()).toBe('ok');
  expect(Object.keys(headers).sort()).toEqual(
    ['__proto__', ':status', 'content-length', 'content-type', 'x-latin'].sort(),
  );
  expect(headers['content-type']).toBe('a');
});

withCurl('curl with prior knowledge speaks HTTP/2 in clear text', async () => {
  const upstream = await httpUpstream((request, response) =>
    response.end(`${request.headers.host}${request.url}`),
  );
  const proxy = await recordingProxy();
  const target = `http://${upstream.host}/x`;
  const connectTo = `${upstream.host}:127.0.0.1:${proxy.port}`;
  const { stdout, stderr } = await curl(
    '--http2-prior-knowledge',
    '--connect-to',
    connectTo,
    target,
  );
  expect([stdout, stderr]).toEqual([`${upstream.host}/x`, '']);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.request).toMatchObject({ url: target, httpVersion: '2.0' });
  expect(answerIn(exchange).status).toBe(200);
});

withCurl('curl that offers HTTP/2 in a tunnel speaks it', async () => {
  const upstream = await httpsUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  const { stdout, stderr } = await curl(
    '--http2',
    '-x',
    proxy.url,
    '--cacert',
    proxy.authority.files.cert,
    '-w',
    ' %{http_version}',
    `${upstream.url}/`,
  );
  expect([stdout, stderr]).toEqual(['ok 2', '']);
});
