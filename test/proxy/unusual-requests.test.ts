import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ComboServer } from '../../src/proxy/mockttp.ts';
import { admitUnusualRequests, restoreRequestLine } from '../../src/proxy/unusual-requests.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { listen, tcpUpstream } from '../helpers/upstream.ts';

/** Keeps what it is sent and answers each head that ends with an empty line, or with `hi`. */
async function witness() {
  const seen: string[] = [];
  const upstream = await tcpUpstream((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!/(\r\n\r\n|hi)$/.test(text)) return;
      seen.push(text);
      text = '';
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  return { ...upstream, seen };
}

type Unusual = readonly [what: string, method: string, path: string];
const unusual: readonly Unusual[] = [
  ['a method that nobody knows', 'FOO', '/'],
  ['a method that begins like one that is known', 'PURGEX', '/'],
  ['a method in lower case', 'get', '/'],
  ['a method of odd characters', "M$!#%&'*+-.^_`|~0", '/a?b=c'],
  ['UTF-8 in its target', 'GET', '/caf\xc3\xa9?\xe2\x82\xac'],
  ['Latin-1 in its target', 'DELETE', '/caf\xe9'],
  ['both', 'FOO', '/caf\xe9'],
];

describe.each([false, true])('a request (in a tunnel: %s)', (inTunnel) => {
  async function clientOf() {
    const upstream = await witness();
    const proxy = await recordingProxy();
    const client = inTunnel
      ? rawConnection(await openTunnel(proxy.port, upstream.host))
      : await connectRaw(proxy.port);
    const line = (method: string, path: string) =>
      `${method} ${inTunnel ? '' : upstream.url}${path} HTTP/1.1\r\nHost: ${upstream.host}\r\n`;
    return { upstream, proxy, client, line };
  }

  test.each(unusual)('with %s is passed on unchanged and recorded', async (_, method, path) => {
    const { upstream, proxy, client, line } = await clientOf();
    client.send(`${line(method, path)}X-A: b\r\n\r\n`);
    expect(await client.until('ok')).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(upstream.seen).toEqual([
      `${method} ${path} HTTP/1.1\r\nHost: ${upstream.host}\r\nX-A: b\r\n\r\n`,
    ]);
    const { request } = await proxy.onlyRecorded();
    expect(request.method).toBe(method);
    expect(new URL(request.url).href).toBe(request.url);
    expect(request.headers.map(([name]) => name)).toEqual(['Host', 'X-A']);
  });

  test('may follow another request on its connection and have a body', async () => {
    const { upstream, client, line } = await clientOf();
    for (const method of ['GET', 'FOO', 'BAR', 'GET']) {
      client.send(`${line(method, '/')}Content-Length: 2\r\n\r\nhi`);
      await client.until('ok');
    }
    expect(upstream.seen.map((text) => text.split(' ')[0])).toEqual(['GET', 'FOO', 'BAR', 'GET']);
    expect(upstream.seen.every((text) => text.endsWith('\r\n\r\nhi'))).toBe(true);
  });

  test('may follow empty lines', async () => {
    const { upstream, client, line } = await clientOf();
    client.send(`\r\n\r\n${line('GET', '/')}\r\n`);
    await client.until('ok');
    expect(upstream.seen).toHaveLength(1);
  });

  test('that follows a body in the same packet cannot be separated from it and is refused', async () => {
    const { upstream, client, line } = await clientOf();
    client.send(`${line('POST', '/')}Content-Length: 2\r\n\r\nhi${line('FOO', '/')}\r\n`);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*okHTTP\/1\.1 400 /);
    expect(upstream.seen.filter((text) => text.includes('FOO'))).toEqual([]);
  });

  test('with a guessed internal header is not treated as another request', async () => {
    const { upstream, client, line } = await clientOf();
    const forged = `x-request-line-${'0'.repeat(32)}: ${Buffer.from('FOO /x').toString('base64')}`;
    client.send(`${line('POST', '/')}${forged}\r\n\r\n`);
    await client.until('ok');
    expect(upstream.seen[0]).toContain('POST / HTTP/1.1');
  });
});

test.each([
  ['of HTTP/1.1 without Host', 'GET % HTTP/1.1\r\n\r\n'],
  ['without a version', 'GET %\r\n\r\n'],
])('a request %s is answered 400 and not sent on', async (_, request) => {
  const upstream = await witness();
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(request.replace('%', `${upstream.url}/`));
  expect(await client.until('\r\n')).toBe('HTTP/1.1 400 Bad Request\r\n');
  expect(upstream.connections).toBe(0);
});

test('the response to a HEAD for an unusual target has no body, and the connection stays open', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  for (let i = 0; i < 2; i += 1) {
    client.send(`HEAD ${upstream.url}/caf\xc3\xa9 HTTP/1.1\r\nHost: ${upstream.host}\r\n\r\n`);
    const answer = await client.until('\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  }
  expect(client.received).toBe('');
});

test('an OPTIONS for the whole server arrives as *', async () => {
  const upstream = await witness();
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`OPTIONS ${upstream.url} HTTP/1.1\r\nHost: ${upstream.host}\r\n\r\n`);
  await client.until('ok');
  expect(upstream.seen[0]).toMatch(/^OPTIONS \* HTTP/);
});

test('an unusual request waits for an answer that is ended and not yet sent', async () => {
  const long = 'x'.repeat(20_000_000);
  const http = createHttpServer((request, response) => {
    restoreRequestLine(request);
    response.end(request.method === 'GET' ? long : `${request.method} ${request.url}`);
  });
  const combo = { _httpServer: http, _unknownProtocolHandler: createServer() };
  const admit = admitUnusualRequests(combo as unknown as ComboServer);
  const admitted: boolean[] = [];
  const clientErrors = new Promise<void>((resolve) => {
    http.on('clientError', (error, socket) => {
      admitted.push(admit(error, socket as Parameters<typeof admit>[1]));
      resolve();
    });
  });
  const { port } = await listen(http, 'http', '127.0.0.1');
  const client = await connectRaw(port);
  client.socket.pause();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((resolve) => http.once('request', resolve));
  client.send('FOO /b HTTP/1.1\r\nHost: a\r\n\r\n');
  await clientErrors;
  expect(admitted).toEqual([true]);
  client.socket.resume();
  await client.until('FOO /b');
});
