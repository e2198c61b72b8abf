import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Header, headerValue, headerValues } from '../../src/exchange.ts';
import { pairHeaders } from '../../src/proxy/headers.ts';
import { createRewriter, type RewriterOptions } from '../../src/rewrite/rewriter.ts';
import { testWith } from '../helpers/clients.ts';
import { type Ask, ask, askHead, curl, openSecureTunnel } from '../helpers/http-client.ts';
import { answerIn, bodyOf, type RecordingProxy, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import {
  deadPort,
  httpsUpstream,
  httpUpstream,
  type Upstream,
  webSocketUpstream,
} from '../helpers/upstream.ts';

const withCurl = testWith('curl', '--version');
const page = 'https://client.test';

/** A recording proxy that rewrites: `Postman-`, marked redirects and one page allowed unless told otherwise. */
function rewritingProxy(options: Partial<RewriterOptions> = {}): Promise<RecordingProxy> {
  const rewriter = createRewriter({
    prefix: 'Postman-',
    redirects: 'marked',
    allowed: { origins: new Set([page]), any: false },
    accepts: () => true,
    ...options,
  });
  return recordingProxy({ rewriter });
}

/** An upstream that keeps the header lines that it got, in order. */
async function witness(
  handler: RequestListener = (_, response) => response.end(),
  kind: typeof httpUpstream = httpUpstream,
) {
  const seen: Header[][] = [];
  const upstream = await kind((request, response) => {
    seen.push(pairHeaders(request.rawHeaders));
    return handler(request, response);
  });
  return Object.assign(Object.create(upstream) as Upstream, { seen });
}

/** A redirect with two cookies. */
const redirecting: RequestListener = (_, response) => {
  response.writeHead(302, { Location: '/next', 'Set-Cookie': ['a=1; HttpOnly', 'b=2'] });
  response.end();
};

/** Sends a request with these header lines. */
function send(proxy: RecordingProxy, url: string, lines: readonly Header[], options: Ask = {}) {
  return ask(proxy, url, { ...options, headers: lines.flat() });
}

/** Sends a request over HTTP/2 through a tunnel of its own. */
async function sendOverHttp2(
  proxy: RecordingProxy,
  upstream: Upstream,
  headers: OutgoingHttpHeaders,
  body?: Buffer,
) {
  const socket = await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['h2'] });
  expect(socket.alpnProtocol).toBe('h2');
  const session = connectHttp2(upstream.url, { createConnection: () => socket });
  onTestFinished(() => session.destroy());
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answer] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { headers: answer, body: Buffer.concat(chunks) };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** Without what the client writes about its own connection. */
const withoutConnection = (lines: readonly Header[] = []) =>
  lines.filter(([name]) => name.toLowerCase() !== 'connection');

describe('marked headers arrive under their own names, in place of the browser’s, and nothing else changes', () => {
  test('over HTTP/1.1', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const sent: Header[] = [
      ['x-UPPER', '1'],
      ['Origin', 'http://page.test'],
      ['Postman-Origin', 'http://a.test'],
      ['Cookie', 'own=1'],
      ['cookie', 'own=2'],
      ['X-Twice', 'b'],
      ['Postman-Cookie', 'c=3'],
      ['postman-cookie', 'd=4'],
      ['x-twice', 'a'],
      ['Postman-Token', 't'],
      ['Postman-Content-Length', '99'],
      ['User-Agent', 'Browser/1'],
      ['Postman-User-Agent', 'x'],
      ['Postman-Via', 'caf\xe9'],
    ];
    await send(proxy, `${upstream.url}/?q`, sent);
    expect(withoutConnection(upstream.seen[0])).toEqual([
      ['Host', upstream.host],
      ['x-UPPER', '1'],
      ['Origin', 'http://a.test'],
      ['X-Twice', 'b'],
      ['Cookie', 'c=3; d=4'],
      ['x-twice', 'a'],
      ['Postman-Token', 't'],
      ['Postman-Content-Length', '99'],
      ['User-Agent', 'x'],
      ['Via', 'caf\xe9'],
    ]);
  });

  test('over HTTPS', async () => {
    const upstream = await witness(undefined, httpsUpstream);
    const proxy = await rewritingProxy();
    const over = await openSecureTunnel(proxy, upstream.host);
    const lines: Header[] = [
      ['Postman-Origin', 'http://a.test'],
      ['X-A', '1'],
    ];
    await send(proxy, `${upstream.url}/`, lines, { over });
    expect(withoutConnection(upstream.seen[0])).toEqual([
      ['Host', upstream.host],
      ['Origin', 'http://a.test'],
      ['X-A', '1'],
    ]);
  });

  test('over HTTP/2', async () => {
    const upstream = await witness(redirecting, httpsUpstream);
    const proxy = await rewritingProxy();
    const { headers } = await sendOverHttp2(proxy, upstream, {
      ':path': '/',
      origin: page,
      cookie: ['own=1', 'own=2'],
      'postman-cookie': ['c=3', 'd=4'],
      'postman-origin': 'http://a.test',
      'x-a': '1',
    });
    expect(withoutConnection(upstream.seen[0])).toEqual([
      ['Host', upstream.host],
      ['cookie', 'c=3; d=4'],
      ['origin', 'http://a.test'],
      ['x-a', '1'],
    ]);
    expect(headers).toMatchObject({
      ':status': 302,
      'postman-location': '/next',
      'set-cookie': ['a=1; HttpOnly', 'b=2'],
      'access-control-allow-origin': page,
    });
    expect(headers['postman-set-cookie']).toBe('a=1; HttpOnly, b=2');
    expect(headers['location']).toBeUndefined();
  });

  test('over HTTP/2, where split cookies are sent on as one line', async () => {
    const upstream = await witness(undefined, httpsUpstream);
    const proxy = await rewritingProxy();
    await sendOverHttp2(proxy, upstream, {
      ':path': '/',
      cookie: ['own=1', 'own=2'],
      'postman-via': 'x',
    });
    expect(headerValues(upstream.seen[0] ?? [], 'cookie')).toEqual(['own=1; own=2']);
  });

  withCurl('with curl, over HTTP, HTTPS and HTTP/2', async () => {
    const plain = await witness();
    const secure = await witness(undefined, httpsUpstream);
    const proxy = await rewritingProxy();
    const marks = ['-H', 'Postman-Origin: http://a.test', '-H', 'Postman-User-Agent: x'];
    const always = ['-x', proxy.url, '--cacert', proxy.authority.files.cert, ...marks];
    for (const args of [[`${plain.url}/`], [`${secure.url}/`], ['--http2', `${secure.url}/`]]) {
      expect((await curl(...always, ...args)).exitCode).toBe(0);
    }
    const lines = (host: string): Header[] => [
      ['accept', '*/*'],
      ['host', host],
      ['origin', 'http://a.test'],
      ['user-agent', 'x'],
    ];
    const arrived = [...plain.seen, ...secure.seen].map((headers) =>
      withoutConnection(headers)
        .map(([name, value]) => [name.toLowerCase(), value])
        .toSorted(),
    );
    expect(arrived).toEqual([plain.host, secure.host, secure.host].map(lines));
  });

  test('in the handshake of a WebSocket', async () => {
    let handshake: IncomingMessage | undefined;
    const upstream = await webSocketUpstream((server) => {
      server.on('connection', (socket, request) => {
        handshake = request;
        socket.on('message', (data) => socket.send(`echo ${data}`));
      });
    });
    const proxy = await rewritingProxy();
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`, {
      headers: { Host: upstream.host, Origin: page, 'Postman-Origin': 'http://a.test' },
      finishRequest: (request) => {
        // As a proxy's client asks.
        Object.assign(request, { path: `http://${upstream.host}/` });
        request.end();
      },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [said] = await once(socket, 'message');
    expect(String(said)).toBe('echo hello');
    expect(handshake?.headers).toMatchObject({ origin: 'http://a.test', host: upstream.host });
    socket.close();
    await once(socket, 'close');
  });
});

describe('bodies', () => {
  test('pass untouched beside marked headers, over HTTP/1.1 and HTTP/2', async () => {
    const echo: RequestListener = (request, response) => void request.pipe(response);
    const upstream = await witness(echo, httpsUpstream);
    const proxy = await rewritingProxy();
    const body = randomBytes(3_000_000);
    const over = await openSecureTunnel(proxy, upstream.host);
    const first = await ask(proxy, `${upstream.url}/`, {
      method: 'POST',
      headers: ['Postman-Origin', 'http://a.test', 'Content-Length', String(body.length)],
      body,
      over,
    });
    const head = { ':method': 'PUT', ':path': '/', 'postman-origin': 'http://a.test' };
    const second = await sendOverHttp2(proxy, upstream, head, body);
    expect([sha256(first.body), sha256(second.body)]).toEqual([sha256(body), sha256(body)]);
    expect(headerValue(upstream.seen[0] ?? [], 'content-length')).toBe(String(body.length));
  });

  test('stay in the requested encoding', async () => {
    const bytes = randomBytes(1000);
    const upstream = await witness((_, response) => {
      response.setHeader('Content-Encoding', 'br');
      response.end(bytes);
    });
    const proxy = await rewritingProxy();
    const lines: Header[] = [
      ['Accept-Encoding', 'gzip'],
      ['Postman-Accept-Encoding', 'br'],
    ];
    const answer = await send(proxy, upstream.url, lines);
    expect(headerValues(upstream.seen[0] ?? [], 'accept-encoding')).toEqual(['br']);
    expect(answer.header('content-encoding')).toBe('br');
    expect(answer.body.equals(bytes)).toBe(true);
  });

  test('of uploads stream: the server has the first half before the second is sent', async () => {
    const halves: string[] = [];
    let first = () => {};
    const arrived = new Promise<void>((resolve) => {
      first = resolve;
    });
    const upstream = await witness(async (request, response) => {
      for await (const chunk of request) {
        halves.push(String(chunk));
        first();
      }
      response.end();
    });
    const proxy = await rewritingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `POST ${upstream.url}/ HTTP/1.1\r\nHost: ${upstream.host}\r\nPostman-Origin: http://a.test\r\n` +
        'Content-Length: 10\r\n\r\nfirst',
    );
    await arrived;
    client.send('-last');
    await client.until('HTTP/1.1 200');
    expect(halves).toEqual(['first', '-last']);
  });

  test('of event streams arrive as they are sent, with the rewritten headers', async () => {
    let say: (text: string) => void = () => {};
    const upstream = await witness((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Location: '/elsewhere' });
      response.flushHeaders();
      say = (text) => void response.write(`data: ${text}\n\n`);
    });
    const proxy = await rewritingProxy();
    const headers = ['Origin', page, 'Postman-Origin', 'http://a.test'];
    // The head before any event, each event before the next is sent.
    const response = await askHead(proxy, upstream.url, { headers });
    expect(response.headers).toMatchObject({
      'postman-location': '/elsewhere',
      'access-control-allow-origin': page,
    });
    for (const text of ['one', 'two', 'three']) {
      say(text);
      const [chunk] = await once(response, 'data');
      expect(String(chunk)).toBe(`data: ${text}\n\n`);
    }
  });
});

describe('Postman-Host', () => {
  test('sets Host without changing where the connection goes', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const dead = `127.0.0.1:${await deadPort()}`;
    const answer = await send(proxy, `${upstream.url}/x`, [['Postman-Host', dead]]);
    expect(answer.status).toBe(200);
    expect(headerValues(upstream.seen[0] ?? [], 'host')).toEqual([dead]);
    const { request } = await proxy.onlyRecorded();
    expect(request.url).toBe(`${upstream.url}/x`);
    expect(headerValues(request.headers, 'host')).toEqual([dead]);
  });

  test('does so over HTTPS and HTTP/2, under the name that TLS was opened for', async () => {
    const upstream = await witness(undefined, httpsUpstream);
    const proxy = await rewritingProxy();
    const over = await openSecureTunnel(proxy, upstream.host);
    const lines: Header[] = [['Postman-Host', 'other.test']];
    expect((await send(proxy, `${upstream.url}/`, lines, { over })).status).toBe(200);
    await sendOverHttp2(proxy, upstream, { ':path': '/', 'postman-host': 'other.test:8443' });
    expect(upstream.seen.map((headers) => headerValues(headers, 'host'))).toEqual([
      ['other.test'],
      ['other.test:8443'],
    ]);
  });

  test('does not lead to the proxy itself', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const own = `127.0.0.1:${proxy.port}`;
    const answer = await send(proxy, upstream.url, [['Postman-Host', own]]);
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(upstream.seen).toHaveLength(1);
  });

  test('sets only Host: with other marked headers the target still decides the destination', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `GET ${upstream.url}/ HTTP/1.1\r\nHost: elsewhere.test\r\nPostman-Origin: http://a.test\r\n\r\n`,
    );
    await client.until('\r\n\r\n');
    expect(headerValues(upstream.seen[0] ?? [], 'host')).toEqual([upstream.host]);
  });
});

describe('a header that cannot be set is answered 400 with an explanation', () => {
  const unusable: [string, string][] = [
    ['Postman-Connection', 'close'],
    ['Postman-Transfer-Encoding', 'chunked'],
    ['Postman-Keep-Alive', 'timeout=5'],
    ['Postman-TE', 'trailers'],
    ['Postman-Trailer', 'X-Sum'],
    ['Postman-Upgrade', 'h2c'],
    ['Postman-Expect', '100-continue'],
    ['Postman-Proxy-Authorization', 'Basic x'],
    ['Postman-Host', 'a b'],
    ['Postman-', 'x'],
    ['Postman-Origin', 'a\x01b'],
  ];

  test.each(unusable)('%s: %s', async (name, value) => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const client = await connectRaw(proxy.port);
    const head = `GET ${upstream.url}/ HTTP/1.1\r\nHost: ${upstream.host}\r\n`;
    client.send(`${head}${name}: ${value}\r\n\r\n`);
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    // The next client is served.
    expect((await send(proxy, upstream.url, [['X-Next', '1']])).status).toBe(200);
    expect(upstream.seen.map((headers) => headerValue(headers, 'x-next'))).toEqual(['1']);
  });

  test('names the header and the reason, on a connection that stays open', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const client = await connectRaw(proxy.port);
    const head = `POST ${upstream.url}/ HTTP/1.1\r\nHost: ${upstream.host}\r\n`;
    client.send(`${head}Postman-TE: trailers\r\nContent-Length: 4\r\n\r\nbody`);
    await client.until('pmproxy could not forward this request (400).\n\n');
    expect(await client.until('.\n')).toBe(
      'Postman-TE cannot be set: TE is about this one connection or message.\n',
    );
    client.send(`${head}Content-Length: 0\r\n\r\n`);
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.seen).toHaveLength(1);
  });

  test('over HTTP/2, where the other streams continue', async () => {
    const upstream = await witness(undefined, httpsUpstream);
    const proxy = await rewritingProxy();
    const refused = await sendOverHttp2(proxy, upstream, { ':path': '/', 'postman-te': 'x' });
    expect(refused.headers[':status']).toBe(400);
    expect(refused.body.toString()).toContain('postman-te cannot be set');
    expect(upstream.seen).toEqual([]);
  });

  test('to many clients at once, while others are served', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const line: Header = i % 2 === 0 ? ['Postman-Upgrade', 'h2c'] : ['Postman-Via', 'x'];
        return (await send(proxy, upstream.url, [line])).status;
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 400 : 200)));
  });
});

describe('an answer', () => {
  const marked: Header = ['Postman-Via', 'x'];
  const shown = ({ rawHeaders }: { rawHeaders: readonly string[] }) =>
    pairHeaders(rawHeaders).filter(([name]) => /location|cookie/i.test(name));
  const plain: Header[] = [
    ['Location', '/next'],
    ['Set-Cookie', 'a=1; HttpOnly'],
    ['Set-Cookie', 'b=2'],
  ];
  const rewritten: Header[] = [
    ['Postman-Location', '/next'],
    ['Set-Cookie', 'a=1; HttpOnly'],
    ['Postman-Set-Cookie', 'a=1; HttpOnly'],
    ['Set-Cookie', 'b=2'],
    ['Postman-Set-Cookie', 'b=2'],
  ];

  test('to a marked request hides its redirect and shows its cookies; other responses are unchanged', async () => {
    const upstream = await witness(redirecting);
    const proxy = await rewritingProxy();
    const answer = await send(proxy, upstream.url, [marked]);
    expect(answer.status).toBe(302);
    expect(shown(answer)).toEqual(rewritten);
    expect(shown(await send(proxy, upstream.url, []))).toEqual(plain);
    const token: Header = ['Postman-Token', 'x'];
    expect(shown(await send(proxy, upstream.url, [token]))).toEqual(plain);
  });

  test('hides every redirect with all', async () => {
    const upstream = await witness(redirecting);
    const proxy = await rewritingProxy({ redirects: 'all' });
    expect(shown(await send(proxy, upstream.url, [marked]))).toEqual(rewritten);
    expect(shown(await send(proxy, upstream.url, []))).toEqual([
      ['Postman-Location', '/next'],
      ...plain.slice(1),
    ]);
  });

  test('hides no redirect with none', async () => {
    const upstream = await witness(redirecting);
    const proxy = await rewritingProxy({ redirects: 'none' });
    expect(shown(await send(proxy, upstream.url, [marked]))).toEqual([
      ['Location', '/next'],
      ...rewritten.slice(1),
    ]);
  });

  test('keeps everything else: order, case and duplicates', async () => {
    const upstream = await witness((_, response) => {
      response.writeHead(200, ['X-b', '1', 'x-B', '2', 'Content-Length', '0', 'A', '3']);
      response.end();
    });
    const proxy = await rewritingProxy();
    const { rawHeaders } = await send(proxy, upstream.url, [marked]);
    const lines = pairHeaders(rawHeaders).filter(([name]) =>
      /^(x-b|a|content-length)$/i.test(name),
    );
    expect(lines).toEqual([
      ['X-b', '1'],
      ['x-B', '2'],
      ['Content-Length', '0'],
      ['A', '3'],
    ]);
  });
});

describe('a page of an allowed origin', () => {
  const fromPage: Header = ['Origin', page];
  const preflight: Header[] = [
    ['Access-Control-Request-Method', 'PUT'],
    ['Access-Control-Request-Headers', 'postman-origin'],
    ['Access-Control-Request-Private-Network', 'true'],
  ];

  test('is answered the preflight of a marked request, and the server sees none of it', async () => {
    const upstream = await witness();
    const proxy = await rewritingProxy();
    const answer = await send(proxy, upstream.url, [fromPage, ...preflight], { method: 'OPTIONS' });
    expect([answer.status, answer.body.length]).toEqual([204, 0]);
    expect(answer.header('access-control-allow-origin')).toBe(page);
    expect(answer.header('access-control-allow-private-network')).toBe('true');
    expect(upstream.seen).toEqual([]);
  });

  test('may read every header of the response, whatever the server allows', async () => {
    const upstream = await witness((_, response) => {
      response.writeHead(200, {
        'Access-Control-Allow-Origin': 'https://other.test',
        'Access-Control-Expose-Headers': 'nothing',
        'X-Rate': '5',
        'Set-Cookie': 'a=1',
      });
      response.end();
    });
    const proxy = await rewritingProxy();
    const { rawHeaders } = await send(proxy, upstream.url, [fromPage, ['Postman-Origin', 'x']]);
    const lines = pairHeaders(rawHeaders);
    expect(headerValues(lines, 'access-control-allow-origin')).toEqual([page]);
    expect(headerValues(lines, 'access-control-allow-credentials')).toEqual(['true']);
    const exposed = headerValue(lines, 'access-control-expose-headers')?.split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['X-Rate', 'Postman-Set-Cookie', 'Vary']));
    expect(headerValue(lines, 'vary')).toBe('Origin');
  });

  test('may read the 502 and 400 pages of the proxy', async () => {
    const proxy = await rewritingProxy();
    const dead = `http://127.0.0.1:${await deadPort()}/`;
    const failed = await send(proxy, dead, [fromPage, ['Postman-Via', 'x']]);
    const refused = await send(proxy, dead, [fromPage, ['Postman-Upgrade', 'x']]);
    expect([failed.status, refused.status]).toEqual([502, 400]);
    for (const { header } of [failed, refused]) {
      expect(header('access-control-allow-origin')).toBe(page);
      expect(header('access-control-allow-credentials')).toBe('true');
    }
  });

  const strangers = ['https://evil.test', `${page}.evil.test`, 'null', page.toUpperCase()];
  test.each(strangers)('is not %s, for which nothing changes', async (stranger) => {
    const upstream = await witness((_, response) => {
      response.setHeader('Access-Control-Allow-Origin', 'https://other.test');
      response.end();
    });
    const proxy = await rewritingProxy();
    const from: Header = ['Origin', stranger];
    const asked = await send(proxy, upstream.url, [from, ...preflight], { method: 'OPTIONS' });
    const answer = await send(proxy, upstream.url, [from, ['Postman-Via', 'x']]);
    for (const { status, rawHeaders } of [asked, answer]) {
      expect(status).toBe(200);
      const cors = pairHeaders(rawHeaders).filter(([name]) => /^access-control|^vary/i.test(name));
      expect(cors).toEqual([['Access-Control-Allow-Origin', 'https://other.test']]);
    }
    expect(upstream.seen).toHaveLength(2);
    const dead = `http://127.0.0.1:${await deadPort()}/`;
    const failed = await send(proxy, dead, [from, ['Postman-Via', 'x']]);
    expect(failed.header('access-control-allow-origin')).toBeUndefined();
  });
});

test('the record has the request as the server received it, the response, and the names of the set headers', async () => {
  const upstream = await witness((request, response) => {
    request.resume();
    response.writeHead(302, { Location: '/next', 'X-A': '1' }).end();
  });
  const proxy = await rewritingProxy();
  await ask(proxy, `${upstream.url}/a`, {
    method: 'POST',
    headers: ['Origin', page, 'Postman-Origin', 'http://a.test', 'X-B', '2', 'Content-Length', '4'],
    body: 'body',
  });
  const exchange = await proxy.onlyRecorded();
  // Framing and Host are spelled by the engine.
  const sent = (lines: readonly Header[] = []) =>
    lines.filter(([name]) => !/^(connection|content-length|host)$/i.test(name));
  expect(sent(exchange.request.headers)).toEqual(sent(upstream.seen[0]));
  expect(await bodyOf(exchange.request)).toBe('body');
  expect(exchange.rewritten).toEqual(['Origin']);
  const { headers } = answerIn(exchange);
  expect(headerValues(headers, 'location')).toEqual(['/next']);
  expect(headers.map(([name]) => name).join()).not.toMatch(/postman|access-control/i);
});

test('an unmarked request is recorded without any mention of rewriting', async () => {
  const upstream = await witness();
  const proxy = await rewritingProxy({ redirects: 'all' });
  await send(proxy, upstream.url, [['Origin', page]]);
  expect(await proxy.onlyRecorded()).not.toHaveProperty('rewritten');
});

test('marked requests outside the limits pass unchanged', async () => {
  const upstream = await witness(redirecting);
  const proxy = await rewritingProxy({ accepts: (_, url) => url.includes('/api/') });
  const marked: Header = ['Postman-Origin', 'http://a.test'];
  const outside = await send(proxy, `${upstream.url}/page`, [marked]);
  const inside = await send(proxy, `${upstream.url}/api/x`, [marked]);
  expect([outside, inside].map(({ header }) => header('location'))).toEqual(['/next', undefined]);
  expect(upstream.seen.map((headers) => headerValue(headers, 'postman-origin'))).toEqual([
    'http://a.test',
    undefined,
  ]);
});
