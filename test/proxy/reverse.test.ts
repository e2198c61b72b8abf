import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { headerValue } from '../../src/exchange.ts';
import type { ReverseTarget } from '../../src/proxy/reverse.ts';
import { ask } from '../helpers/http-client.ts';
import { askHttp2 } from '../helpers/http2-client.ts';
import { answerIn, recordingProxy } from '../helpers/proxy.ts';
import { httpsUpstream, httpUpstream, webSocketUpstream } from '../helpers/upstream.ts';

const echo: RequestListener = ({ url, headers }, response) =>
  response.end(JSON.stringify({ url, headers }));

async function reverseProxy(...targets: ReverseTarget[]) {
  const proxy = await recordingProxy({ targets });
  return Object.assign(proxy, { own: `http://127.0.0.1:${proxy.port}` });
}

type Echoed = Pick<IncomingMessage, 'url' | 'headers'>;

test('a request to the proxy itself goes to the server over HTTPS, and is recorded under its URL', async () => {
  const upstream = await httpsUpstream(echo);
  const proxy = await reverseProxy({ prefix: '', url: `${upstream.url}/v1` });
  const answer = await fetch(`${proxy.own}/users?page=2`);
  const { url, headers } = (await answer.json()) as Echoed;
  expect(url).toBe('/v1/users?page=2');
  expect(headers.host).toBe(upstream.host);
  const { request } = await proxy.onlyRecorded();
  expect(request.url).toBe(`${upstream.url}/v1/users?page=2`);
  expect(headerValue(request.headers, 'host')).toBe(upstream.host);
});

test('the longest prefix chooses the server, and a prefix ends where a segment does', async () => {
  const one = await httpUpstream((request, response) => response.end(`one ${request.url}`));
  const two = await httpUpstream((request, response) => response.end(`two ${request.url}`));
  const proxy = await reverseProxy(
    { prefix: '/api', url: one.url },
    { prefix: '/api/auth', url: two.url },
  );
  const get = async (path: string) => (await fetch(proxy.own + path)).text();
  expect(await get('/api')).toBe('one /');
  expect(await get('/api/users?x')).toBe('one /users?x');
  expect(await get('/api/auth/token')).toBe('two /token');
  expect(await get('/api/authors')).toBe('one /authors');
  expect((await fetch(`${proxy.own}/apis`)).status).toBe(404);
  expect(await get('/')).toContain('recording proxy');
});

test('redirects lead through the proxy, and those to other servers lead there', async () => {
  const links: Record<string, string> = {};
  const upstream = await httpUpstream((request, response) => {
    const location = links[request.url ?? ''];
    if (location !== undefined) response.writeHead(302, { Location: location });
    response.end(request.url);
  });
  Object.assign(links, {
    '/base/path': '/base/new?x=1#y',
    '/base/relative': 'new',
    '/base/whole': `${upstream.url}/base/new`,
    '/base/scheme': `//${upstream.host}/base/new`,
    '/base/above': '/login',
    '/base/other': 'https://other.test/base/new',
    '/base/lookalike': `${upstream.url}/based`,
  });
  const proxy = await reverseProxy({ prefix: '/api', url: `${upstream.url}/base` });
  const location = async (path: string) => {
    const moved = await fetch(`${proxy.own}/api/${path}`, { redirect: 'manual' });
    return moved.headers.get('location');
  };
  expect(await location('path')).toBe('/api/new?x=1#y');
  expect(await location('relative')).toBe('new');
  expect(await location('whole')).toBe(`${proxy.own}/api/new`);
  expect(await location('scheme')).toBe(`${proxy.own}/api/new`);
  expect(await location('above')).toBe(`${upstream.url}/login`);
  expect(await location('other')).toBe('https://other.test/base/new');
  expect(await location('lookalike')).toBe(`${upstream.url}/based`);
  expect(await (await fetch(`${proxy.own}/api/whole`)).text()).toBe('/base/new');
  const [first] = await proxy.recorded(1);
  expect(first && headerValue(answerIn(first).headers, 'location')).toBe('/base/new?x=1#y');
});

test('a redirect to another target leads through the prefix of that target', async () => {
  const auth = await httpUpstream((request, response) => response.end(`auth ${request.url}`));
  const api = await httpUpstream((_request, response) => {
    response.writeHead(307, { Location: `${auth.url}/login` }).end();
  });
  const proxy = await reverseProxy(
    { prefix: '/api', url: api.url },
    { prefix: '/auth', url: auth.url },
  );
  expect(await (await fetch(`${proxy.own}/api/me`)).text()).toBe('auth /login');
  expect(await proxy.recorded(2)).toHaveLength(2);
});

test('absolute URLs in Link, Refresh and Content-Location lead through the proxy', async () => {
  const upstream = await httpUpstream((request, response) => {
    const at = `http://${request.headers.host}`;
    response
      .writeHead(200, {
        Link: `<${at}/users?page=2>; rel="next", </users?page=9>; rel="last"`,
        Refresh: `5; url=${at}/later`,
        'Content-Location': '/users.json',
      })
      .end();
  });
  const proxy = await reverseProxy({ prefix: '/api', url: upstream.url });
  const { headers } = await fetch(`${proxy.own}/api/users`);
  expect(headers.get('link')).toBe(
    `<${proxy.own}/api/users?page=2>; rel="next", </api/users?page=9>; rel="last"`,
  );
  expect(headers.get('refresh')).toBe(`5; url=${proxy.own}/api/later`);
  expect(headers.get('content-location')).toBe('/api/users.json');
});

test('cookies are for the proxy: without Domain, without what needs HTTPS, below the prefix', async () => {
  const sent = [
    'a=1; Domain=.shop.test; Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    'b=domain=x; secure; path=/base/cart; SameSite=Lax; Max-Age=60',
    'c=3',
    'd=4; Path=',
    'e=5; Path=/base',
  ];
  const upstream = await httpUpstream((_request, response) => {
    response.setHeader('Set-Cookie', sent).setHeader('Strict-Transport-Security', 'max-age=9');
    response.end();
  });
  const proxy = await reverseProxy({ prefix: '/api', url: `${upstream.url}/base` });
  const answer = await fetch(`${proxy.own}/api/`);
  expect(answer.headers.getSetCookie()).toEqual([
    'a=1; Path=/api; HttpOnly',
    'b=domain=x; path=/api/cart; SameSite=Lax; Max-Age=60',
    'c=3',
    'd=4; Path=',
    'e=5; Path=/api',
  ]);
  expect(answer.headers.get('strict-transport-security')).toBeNull();
  const { outcome } = await proxy.onlyRecorded();
  expect(JSON.stringify(outcome)).toContain('Domain=.shop.test');
});

test('a cookie of a domain that all targets share is sent to all of them', async () => {
  const upstream = await httpUpstream((_request, response) => {
    response.setHeader('Set-Cookie', 'sid=1; Domain=localhost; Path=/').end();
  });
  const url = `http://localhost:${upstream.port}`;
  const proxy = await reverseProxy({ prefix: '/api', url }, { prefix: '/auth', url });
  const answer = await fetch(`${proxy.own}/auth/`);
  expect(answer.headers.get('set-cookie')).toBe('sid=1; Path=/');
});

test('Origin and Referer that name the proxy name the server, and CORS allows the page again', async () => {
  const upstream = await httpUpstream((request, response) => {
    const { origin = '', referer } = request.headers;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.end(JSON.stringify({ origin, referer }));
  });
  const proxy = await reverseProxy({ prefix: '/api', url: `${upstream.url}/v1` });
  const send = async (origin: string, referer: string) => {
    const lines = ['Host', `127.0.0.1:${proxy.port}`, 'Origin', origin, 'Referer', referer];
    const answer = await ask(proxy, `${proxy.own}/api/x`, { headers: lines });
    return {
      ...JSON.parse(String(answer.body)),
      allowed: answer.header('access-control-allow-origin'),
    };
  };
  const localhost = `http://localhost:${proxy.port}`;
  expect(await send(proxy.own, `${proxy.own}/api/page?q`)).toEqual({
    origin: upstream.url,
    referer: `${upstream.url}/v1/page?q`,
    allowed: proxy.own,
  });
  expect(await send(localhost, `${localhost}/api/page`)).toMatchObject({
    origin: upstream.url,
    allowed: localhost,
  });
  const other = 'http://localhost:3000';
  expect(await send(other, `${other}/page`)).toEqual({
    origin: other,
    referer: `${other}/page`,
    allowed: other,
  });
});

test('over HTTP/2 in clear text and over TLS, the proxy is called by the name that the client used', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.writeHead(302, { Location: `http://${request.headers.host}/new` }).end();
  });
  const proxy = await reverseProxy({ prefix: '', url: upstream.url });
  for (const scheme of ['http', 'https']) {
    const own = `${scheme}://localhost:${proxy.port}`;
    const session = connect(own, { ca: proxy.authority.certPem });
    onTestFinished(() => session.destroy());
    const { headers } = await askHttp2(session, { ':path': '/old' });
    expect(headers['location']).toBe(`${own}/new`);
  }
});

test('a WebSocket to the proxy itself reaches the server, and is recorded under its URL', async () => {
  const upstream = await webSocketUpstream((server) => {
    server.on('headers', (lines) => lines.push('Set-Cookie: a=1; Domain=shop.test; Path=/'));
    server.on('connection', (socket, request) => {
      socket.send(`${request.url} ${request.headers.origin} ${request.headers.host}`);
    });
  });
  const url = upstream.url.replace('ws:', 'http:');
  const proxy = await reverseProxy({ prefix: '/live', url });
  const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/live/chat`, { origin: proxy.own });
  onTestFinished(() => client.terminate());
  const [[answer], [data]] = await Promise.all([once(client, 'upgrade'), once(client, 'message')]);
  expect(String(data)).toBe(`/chat ${url} ${upstream.host}`);
  expect((answer as IncomingMessage).headers['set-cookie']).toEqual(['a=1; Path=/live']);
  client.close();
  const { request } = await proxy.onlyRecorded();
  expect(request.url).toBe(`${url}/chat`);
});
