import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  askClient,
  browserHeaders,
  entry,
  newClient,
  newProxy,
  upgradeStatus,
} from '../helpers/running-client.ts';

const paths = ['/capture', '/events'] as const;

describe.each(paths)('an upgrade at %s', (path) => {
  test('is refused without the token or with another one', async () => {
    const client = await newClient();
    const { token } = client;
    expect(await upgradeStatus(client, path)).toBe(403);
    expect(await upgradeStatus(client, path, { token: `${token}x` })).toBe(403);
    expect(await upgradeStatus(client, `${path}?token=${token.slice(1)}`)).toBe(403);
    expect(await upgradeStatus(client, path, { token })).toBe(101);
    expect(await upgradeStatus(client, `${path}?token=${token}`)).toBe(101);
  });

  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.1:PORT',
    'localhost.evil.example:PORT',
    'user@127.0.0.1:PORT',
  ])('is refused to the host %s, whatever the token', async (host) => {
    const client = await newClient();
    const headers = { host: host.replace('PORT', String(client.port)) };
    expect(await upgradeStatus(client, path, { token: client.token, headers })).toBe(403);
  });

  test.each(['localhost', 'LOCALHOST', '[::1]'])('is accepted at the host %s', async (name) => {
    const client = await newClient();
    const headers = { host: `${name}:${client.port}` };
    expect(await upgradeStatus(client, path, { token: client.token, headers })).toBe(101);
  });

  test.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT.evil.example',
    'file://',
  ])('is refused to a page of the origin %s, whatever the token', async (given) => {
    const client = await newClient();
    const headers = { origin: given.replace('PORT', String(client.port)) };
    expect(await upgradeStatus(client, path, { token: client.token, headers })).toBe(403);
  });
});

test('a client for all interfaces accepts their addresses as hosts, and no names', async () => {
  const client = await newClient({ bind: '0.0.0.0' });
  const status = (host: string) => {
    const headers = { host: `${host}:${client.port}` };
    return upgradeStatus(client, '/events', { token: client.token, headers });
  };
  expect(await status('192.0.2.1')).toBe(101);
  expect(await status('evil.example')).toBe(403);
});

test('a refused connection that stays open does not keep the client from stopping', async () => {
  const client = await newClient();
  const socket = connect({ port: client.port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${client.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  await client.close();
});

test('a page connects with its cookie, but only from our own origin, and not as a proxy', async () => {
  const client = await newClient();
  const headers = await browserHeaders(client);
  expect(await upgradeStatus(client, '/events', { headers })).toBe(101);
  expect(await upgradeStatus(client, '/capture', { headers })).toBe(403);
  const { cookie = '' } = headers;
  expect(await upgradeStatus(client, '/events', { headers: { cookie } })).toBe(403);
  const other = { cookie, origin: 'http://127.0.0.1:1' };
  expect(await upgradeStatus(client, '/events', { headers: other })).toBe(403);
  expect(await upgradeStatus(client, '/elsewhere', { token: client.token })).toBe(404);
});

test('the printed address sets a strict cookie other than the token, and redirects to the page', async () => {
  const client = await newClient();
  const first = await askClient(client, new URL(client.url).pathname + new URL(client.url).search);
  expect(first.status).toBe(303);
  expect(first.headers.location).toBe('/');
  const [cookie = ''] = first.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^pmproxy-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(client.token);

  const page = await askClient(client, '/', { headers: await browserHeaders(client) });
  expect(page.status).toBe(200);
  expect(page.text).toContain('<title>page</title>');
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
});

test('the address works from a link on another site', async () => {
  const client = await newClient();
  const headers = { 'sec-fetch-site': 'cross-site' };
  const { status, text } = await askClient(client, `/?token=${client.token}`, { headers });
  expect([status, text]).toEqual([200, expect.stringContaining('http-equiv="refresh"')]);
});

test('the page and its files require the token, and nothing else is served', async () => {
  const client = await newClient();
  const headers = await browserHeaders(client);
  const script = await askClient(client, '/assets/page-1a2b.js', { headers });
  expect([script.status, script.text]).toEqual([200, 'document.title = "runs";']);
  expect(script.headers['cache-control']).toContain('immutable');
  expect((await askClient(client, '/')).status).toBe(403);
  expect((await askClient(client, '/assets/page-1a2b.js')).status).toBe(403);
  expect((await askClient(client, '/?token=wrong')).status).toBe(403);
  for (const path of ['/secret.map', '/assets/', '/../package.json', '/assets/%2e%2e/secret.map']) {
    expect((await askClient(client, path, { headers })).status).toBe(404);
  }
  const post = await askClient(client, '/', { method: 'POST', headers });
  expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  const asOther = { ...headers, host: `evil.example:${client.port}` };
  expect((await askClient(client, '/', { headers: asOther })).status).toBe(403);
});

describe('the API', () => {
  async function clientWithCall() {
    const client = await newClient();
    const proxy = await newProxy(client);
    await proxy.push(await entry());
    return { client, headers: await browserHeaders(client) };
  }

  test('refuses pages of other sites, which have the cookie too when they are on this machine', async () => {
    const { client, headers } = await clientWithCall();
    const { cookie = '' } = headers;
    const get = (extra: Record<string, string>) =>
      askClient(client, '/api/exchanges/1', { headers: { cookie, ...extra } });
    expect((await get({})).status).toBe(200);
    expect((await get({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await get({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await get({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await get({ origin: 'http://localhost:1' })).status).toBe(403);
    expect((await askClient(client, '/api/state')).status).toBe(403);
  });

  test('accepts a POST only from our own page', async () => {
    const { client, headers } = await clientWithCall();
    const { cookie = '', origin = '' } = headers;
    const post = async (extra: Record<string, string>) => {
      const options = { method: 'POST', headers: extra, body: '{"rows":"all"}' };
      return (await askClient(client, '/api/har', options)).status;
    };
    expect(await post({ cookie, origin })).toBe(200);
    expect(await post({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await post({ authorization: `Bearer ${client.token}` })).toBe(200);
    expect(await post({ cookie })).toBe(403);
    expect(await post({ cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await post({ cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await post({ origin })).toBe(403);
  });
});
