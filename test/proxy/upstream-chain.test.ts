import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { clientCertificate } from '../helpers/certificates.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel, rawConnection } from '../helpers/raw-client.ts';
import {
  deadPort,
  httpsUpstream,
  httpUpstream,
  listen,
  tcpUpstream,
  upstreamAuthority,
  webSocketUpstream,
} from '../helpers/upstream.ts';

/** A plain HTTP proxy that forwards nothing but tunnels, and remembers what it was asked. */
async function otherProxy(secure = false) {
  const seen: {
    method?: string;
    target?: string;
    authorization?: string | undefined;
    host?: string | undefined;
  }[] = [];
  const note = (request: IncomingMessage) =>
    seen.push({
      method: request.method ?? '',
      target: request.url ?? '',
      authorization: request.headers['proxy-authorization'],
      host: request.headers.host,
    });
  const server = secure
    ? createHttpsServer({ ...(await (await upstreamAuthority()).credentialsFor('localhost')) })
    : createHttpServer();
  server.on('request', (request, response) => {
    note(request);
    response.end('from the other proxy');
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    const target = new URL(`http://${request.url}`);
    if (target.hostname === 'forbidden.invalid') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const upstream = connect(Number(target.port || 80), target.hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  });
  const upstream = await listen(
    server,
    secure ? 'https' : 'http',
    secure ? 'localhost' : '127.0.0.1',
  );
  return { ...upstream, seen };
}

describe('another HTTP proxy', () => {
  test('gets plain requests in absolute-form, with credentials', async () => {
    const other = await otherProxy();
    const via = new URL(`http://us%40er:pass%3A@${other.host}`);
    const proxy = await recordingProxy({ via });
    const answer = await ask(proxy, 'http://example.invalid/a?b', {
      headers: ['Host', 'example.invalid'],
    });
    expect(answer.body.toString()).toBe('from the other proxy');
    expect(other.seen).toEqual([
      {
        method: 'GET',
        target: 'http://example.invalid/a?b',
        authorization: `Basic ${Buffer.from('us@er:pass:').toString('base64')}`,
        host: 'example.invalid',
      },
    ]);
    const { request, connection } = await proxy.onlyRecorded();
    expect(request.url).toBe('http://example.invalid/a?b');
    expect(connection.upstream).toBe(other.host);
  });

  test.each([false, true])(
    'gets tunnels for TLS, with credentials (itself over TLS: %s)',
    async (secure) => {
      const other = await otherProxy(secure);
      const upstream = await httpsUpstream((_, response) => response.end('secret'));
      const via = new URL(`${secure ? 'https' : 'http'}://u:p@${other.host}`);
      const proxy = await recordingProxy({ via });
      const over = await openSecureTunnel(proxy, upstream.host);
      expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('secret');
      const again = await openSecureTunnel(proxy, upstream.host);
      await ask(proxy, `${upstream.url}/`, { over: again });
      expect(other.seen).toMatchObject([
        { method: 'CONNECT', target: upstream.host, authorization: 'Basic dTpw' },
      ]);
    },
  );

  test('gets tunnels for WebSockets and for protocols that nobody knows', async () => {
    const other = await otherProxy();
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => socket.send('hi')),
    );
    const echo = await tcpUpstream((socket) => socket.pipe(socket));
    const proxy = await recordingProxy({ via: new URL(other.url) });
    const tunnel = await openTunnel(proxy.port, upstream.host);
    const client = new WebSocket(upstream.url, { createConnection: () => tunnel });
    expect(String((await once(client, 'message'))[0])).toBe('hi');
    client.terminate();
    const raw = rawConnection(await openTunnel(proxy.port, echo.host));
    raw.send('\xff\xfe\xfd');
    await raw.until('\xfd');
    expect(other.seen.map(({ target }) => target)).toEqual([upstream.host, echo.host]);
  });

  test('that refuses a tunnel is answered for with 502, with its status', async () => {
    const other = await otherProxy();
    const proxy = await recordingProxy({ via: new URL(other.url) });
    const answer = await ask(proxy, 'https://forbidden.invalid/');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toContain(`${other.host} answered 403`);
  });

  test('that is down is answered for with 502', async () => {
    const via = new URL(`http://127.0.0.1:${await deadPort()}`);
    const proxy = await recordingProxy({ via });
    for (const url of ['http://example.invalid/', 'https://example.invalid/']) {
      const answer = await ask(proxy, url);
      expect(answer.status).toBe(502);
      expect(answer.body.toString()).toContain('refused');
    }
  });
});

describe('a SOCKS proxy', () => {
  test('carries plain requests and TLS, and resolves the names', async () => {
    const upstream = await httpUpstream((_, response) => response.end('plain'));
    const secure = await httpsUpstream((_, response) => response.end('secret'));
    const socks = await recordingProxy();
    const proxy = await recordingProxy({
      via: new URL(`socks5://127.0.0.1:${socks.port}`),
      trust: [socks.authority.certPem],
    });
    const url = `http://localhost:${upstream.port}/`;
    expect((await ask(proxy, url)).body.toString()).toBe('plain');
    expect((await ask(proxy, `${secure.url}/`)).body.toString()).toBe('secret');
    const urls = (await socks.recorded(2)).map(({ request }) => request.url);
    expect(urls).toEqual([url, `${secure.url}/`]);
  });

  test('that is down is answered for with 502', async () => {
    const via = new URL(`socks5://127.0.0.1:${await deadPort()}`);
    const proxy = await recordingProxy({ via });
    expect((await ask(proxy, 'http://example.invalid/')).status).toBe(502);
  });

  test('that says no is answered for with 502', async () => {
    const refusing = await tcpUpstream((socket) => {
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', () => socket.write(Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])));
      });
    });
    const proxy = await recordingProxy({ via: new URL(`socks5://${refusing.host}`) });
    expect((await ask(proxy, 'http://example.invalid/')).status).toBe(502);
  });
});

describe('the proxy of the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is used except for hosts in NO_PROXY', async () => {
    const other = await otherProxy();
    const upstream = await httpUpstream((_, response) => response.end('direct'));
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, other.url);
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, `localhost:${upstream.port}`);
    const proxy = await recordingProxy({ via: 'ambient' });
    expect((await ask(proxy, 'http://example.invalid/')).body.toString()).toBe(
      'from the other proxy',
    );
    expect((await ask(proxy, `http://localhost:${upstream.port}/`)).body.toString()).toBe('direct');
  });

  test('that is not a URL is answered for with 502', async () => {
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, 'http://[');
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
    const proxy = await recordingProxy({ via: 'ambient' });
    const answer = await ask(proxy, 'http://example.invalid/');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toContain('not a URL');
  });

  test.each(['127.0.0.1', 'localhost'])('that is pmproxy itself (%s) is not used', async (name) => {
    const upstream = await httpUpstream((_, response) => response.end('direct'));
    const port = await deadPort();
    for (const key of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(key, `http://${name}:${port}`);
    for (const key of ['no_proxy', 'NO_PROXY']) vi.stubEnv(key, '');
    const proxy = await recordingProxy({ port, via: 'ambient' });
    expect((await ask(proxy, `${upstream.url}/`)).body.toString()).toBe('direct');
  });
});

test('a client certificate is presented only to its hosts', async () => {
  const authority = await upstreamAuthority();
  const { key, cert } = await authority.credentialsFor('localhost');
  const upstream = await httpsUpstream(
    (request, response) => {
      const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
      response.end(subject.CN);
    },
    { key, cert, requestCert: true, rejectUnauthorized: true, ca: authority.certPem },
  );
  const identity = await clientCertificate(authority, 'somebody');
  const matches = (hostname: string) => hostname === 'localhost';
  const proxy = await recordingProxy({ clientCertificates: [{ matches, identity }] });
  expect((await ask(proxy, `${upstream.url}/`)).body.toString()).toBe('somebody');
  const without = await recordingProxy();
  expect((await ask(without, `${upstream.url}/`)).status).toBe(502);
});
