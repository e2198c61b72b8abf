import { describe, expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { endToEnd, headerObject, pairHeaders } from '../../src/proxy/headers.ts';
import { ask } from '../helpers/http-client.ts';
import { answerIn, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, type RawConnection } from '../helpers/raw-client.ts';
import { cannedUpstream, httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

// Everything that header lines can be and a parser lets through.
const unusual = [
  'X-CaSe: Kept',
  'a: first',
  'Z: between',
  'A: second',
  'a: third',
  'constructor: c',
  '__proto__: p',
  'toString: t',
  'X-Latin: caf\xe9 \xff',
  'X-Empty: ',
  'x-dup-empty: ',
  'x-dup-empty: not empty',
  'X-Tab: a\tb',
  '!#$%&*+-.^_`|~: token',
];

/** An upstream that keeps the request heads that it got, as they were, and answers each alike. */
async function headKeeper(answer: string) {
  const heads: string[] = [];
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      heads.push(chunk.toString('latin1'));
      socket.write(answer, 'latin1');
    });
  });
  return { ...upstream, heads };
}

const linesOf = (head: string) => head.split('\r\n\r\n')[0]!.split('\r\n').slice(1);
const asLines = (headers: readonly Header[]) => headers.map(([name, value]) => `${name}: ${value}`);

async function rawAsk(port: number, lines: string[]): Promise<RawConnection> {
  const client = await connectRaw(port);
  client.send(`${lines.join('\r\n')}\r\n\r\n`);
  return client;
}

test('request headers keep their order, case, duplicates and unusual values', async () => {
  const upstream = await headKeeper('HTTP/1.1 204 No Content\r\n\r\n');
  const proxy = await recordingProxy();
  const host = `Host: ${upstream.host}`;
  const client = await rawAsk(proxy.port, [`GET ${upstream.url}/ HTTP/1.1`, host, ...unusual]);
  await client.until('\r\n\r\n');
  const [head = ''] = upstream.heads;
  expect(linesOf(head)).toEqual([host, ...unusual]);
  expect(asLines((await proxy.onlyRecorded()).request.headers)).toEqual([host, ...unusual]);
});

test('response headers keep their order, case, duplicates and unusual values', async () => {
  const lines = [...unusual, 'Set-Cookie: a=1; Path=/', 'Set-Cookie: b=2', 'SET-COOKIE: c=3'];
  const upstream = await cannedUpstream(
    `HTTP/1.1 200 Fine, really\r\n${lines.join('\r\n')}\r\nContent-Length: 2\r\n\r\nok`,
  );
  const proxy = await recordingProxy();
  const client = await rawAsk(proxy.port, [
    `GET ${upstream.url}/ HTTP/1.1`,
    'Host: h',
    'Connection: close',
  ]);
  const [head = ''] = (await client.rest()).split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    'HTTP/1.1 200 Fine, really',
    ...lines,
    'Content-Length: 2',
    'Connection: close',
  ]);
  const response = answerIn(await proxy.onlyRecorded());
  expect(asLines(response.headers)).toEqual([...lines, 'Content-Length: 2']);
  expect(response.statusText).toBe('Fine, really');
});

test('only framing is added to a response', async () => {
  const upstream = await cannedUpstream('HTTP/1.1 200 OK\r\n\r\nuntil the end', 'end');
  const proxy = await recordingProxy();
  const client = await rawAsk(proxy.port, [
    `GET ${upstream.url}/ HTTP/1.1`,
    'Host: h',
    'Connection: close',
  ]);
  expect(await client.rest()).toBe(
    'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
      'd\r\nuntil the end\r\n0\r\n\r\n',
  );
});

test('1,500 header lines pass in both directions', async () => {
  const lines = Array.from({ length: 1500 }, (_, i) => `X-${i}: ${'v'.repeat(40)}`);
  let seen: string[] = [];
  const upstream = await tcpUpstream((socket) => {
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      seen = linesOf(head);
      socket.write(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  const proxy = await recordingProxy();
  const client = await rawAsk(proxy.port, [`GET ${upstream.url}/ HTTP/1.1`, 'Host: h', ...lines]);
  const answer = linesOf(await client.until('\r\n\r\n'));
  expect(seen.filter((line) => line.startsWith('X-'))).toEqual(lines);
  expect(answer.filter((line) => line.startsWith('X-'))).toEqual(lines);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.request.headers).toHaveLength(1501);
  expect(answerIn(exchange).headers).toHaveLength(1501);
});

test('a request head over 256 KB is answered 431 and is not sent on', async () => {
  const upstream = await headKeeper('HTTP/1.1 204 No Content\r\n\r\n');
  const proxy = await recordingProxy();
  const client = await rawAsk(proxy.port, [
    `GET ${upstream.url}/ HTTP/1.1`,
    'Host: h',
    `X: ${'v'.repeat(300_000)}`,
  ]);
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 431 /);
  expect(upstream.heads).toEqual([]);
});

test('hop-by-hop headers, and those that Connection names, are not passed on', async () => {
  const upstream = await headKeeper(
    'HTTP/1.1 200 OK\r\nConnection: X-Hop, keep-alive\r\nX-Hop: a\r\nKeep-Alive: timeout=9\r\n' +
      'Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-Stays: b\r\nContent-Length: 0\r\n\r\n',
  );
  const proxy = await recordingProxy();
  const client = await rawAsk(proxy.port, [
    `GET ${upstream.url}/ HTTP/1.1`,
    `Host: ${upstream.host}`,
    'Connection: keep-alive, x-private',
    'connection: X-Other, host, content-type',
    'Proxy-Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'TE: gzip',
    'Proxy-Authorization: Basic c2VjcmV0',
    'X-Private: 1',
    'x-other: 2',
    'Content-Type: text/plain',
    'X-Stays: 3',
  ]);
  const answer = linesOf(await client.until('\r\n\r\n'));
  expect(linesOf(upstream.heads[0]!)).toEqual([
    `Host: ${upstream.host}`,
    'Content-Type: text/plain',
    'X-Stays: 3',
  ]);
  expect(answer).toEqual(expect.arrayContaining(['X-Stays: b', 'Content-Length: 0']));
  expect(answer.join('\n')).not.toMatch(/x-hop|timeout=9|proxy-authenticate|upgrade/i);
});

describe('the Host line', () => {
  const cases = [
    ['is kept in its own spelling where it names the target', 'LOCALHOST:%', 'http://localhost:%'],
    ['gives way to the target where they disagree', 'elsewhere.example', 'http://localhost:%'],
    ['is made from the target where HTTP/1.0 has none', undefined, 'http://localhost:%'],
  ] as const;
  test.each(cases)('%s', async (_, host, origin) => {
    const upstream = await headKeeper('HTTP/1.1 204 No Content\r\n\r\n');
    const proxy = await recordingProxy();
    const at = (text: string) => text.replace('%', String(upstream.port));
    const client = await rawAsk(proxy.port, [
      `GET ${at(origin)}/ HTTP/1.${host === undefined ? 0 : 1}`,
      ...(host === undefined ? [] : [`Host: ${at(host)}`]),
    ]);
    await client.until('\r\n\r\n');
    const expected = host?.startsWith('LOCAL') ? host : 'localhost:%';
    expect(linesOf(upstream.heads[0]!)[0]).toBe(`Host: ${at(expected)}`);
  });
});

test('a response that cannot be passed on counts as a failure of the upstream, not of the proxy', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n',
  );
  const proxy = await recordingProxy();
  const { status, body } = await ask(proxy, upstream.url);
  expect(status).toBe(502);
  expect(body.toString()).toMatch(/^pmproxy could not forward this request \(502\)/);
  expect((await proxy.onlyRecorded()).outcome).toMatchObject({
    kind: 'failed',
    reason: { kind: 'protocol' },
  });
});

test('duplicate Set-Cookie lines stay separate for a client that repeats a request', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end();
  });
  const proxy = await recordingProxy();
  const { rawHeaders } = await ask(proxy, upstream.url);
  expect(rawHeaders.filter((_, i) => rawHeaders[i - 1] === 'Set-Cookie')).toEqual(['a=1', 'b=2']);
});

test('header objects for HTTP/2 keep duplicates and names of Object.prototype', () => {
  const object = headerObject([
    ['A', '1'],
    ['__proto__', '2'],
    ['a', '3'],
    ['constructor', '4'],
    ['Content-Type', 'x'],
    ['content-type', 'y'],
  ]);
  expect(Object.entries(object)).toEqual([
    ['a', ['1', '3']],
    ['__proto__', '2'],
    ['constructor', '4'],
    ['content-type', 'x'],
  ]);
});

test('pseudo-headers are not header lines', () => {
  expect(pairHeaders([':path', '/', 'a', 'b', ':status', '200'])).toEqual([['a', 'b']]);
});

test('Connection cannot remove headers that a message needs', () => {
  const headers: Header[] = [
    ['Connection', 'host, content-length, ,close'],
    ['Host', 'h'],
    ['Content-Length', '0'],
  ];
  expect(endToEnd(headers)).toEqual(headers.slice(1));
});
