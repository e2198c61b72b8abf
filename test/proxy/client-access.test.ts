import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { ask, curl } from '../helpers/http-client.ts';
import { askHttp2, http2SessionTo } from '../helpers/http2-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { httpsUpstream, httpUpstream } from '../helpers/upstream.ts';

const proxyAuth = 'ada:s3cret:with colon é';
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const right = ['Proxy-Authorization', basic(proxyAuth)];

const guarded = () => recordingProxy({ proxyAuth });
const hello = () => httpUpstream((_request, response) => response.end('hello'));

test.each([
  ['no credentials', []],
  ['a wrong password', ['Proxy-Authorization', basic('ada:secret')]],
  ['another scheme', ['Proxy-Authorization', `Bearer ${proxyAuth}`]],
  ['credentials for the server', ['Authorization', basic(proxyAuth)]],
])('a request with %s is answered 407, and does not reach the server', async (_, headers) => {
  const upstream = await hello();
  const proxy = await guarded();
  const { status, header } = await ask(proxy, upstream.url, { headers });
  expect(status).toBe(407);
  expect(header('proxy-authenticate')).toBe('Basic realm="pmproxy", charset="UTF-8"');
  expect(upstream.connections).toBe(0);
});

test('a request with the credentials passes, and neither the server nor the record gets them', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.end(JSON.stringify(request.rawHeaders));
  });
  const proxy = await guarded();
  const headers = [...right, 'Authorization', 'Bearer for-the-server'];
  const { status, body } = await ask(proxy, upstream.url, { headers });
  expect(status).toBe(200);
  expect(String(body)).not.toContain('roxy-');
  expect(String(body)).toContain('for-the-server');
  const { request } = await proxy.onlyRecorded();
  expect(request.headers.map(([name]) => name)).not.toContain('Proxy-Authorization');
});

test('curl opens tunnels with the credentials over HTTP and SOCKS5, and is refused without them', async () => {
  const upstream = await httpsUpstream((_request, response) => response.end('secure'));
  const proxy = await guarded();
  const user = ['--proxy-user', proxyAuth, '--cacert', proxy.authority.files.cert];
  const at = `127.0.0.1:${proxy.port}`;
  for (const scheme of ['http', 'socks5h']) {
    const given = ['-x', `${scheme}://${at}`, upstream.url];
    expect((await curl(...user, ...given)).stdout, scheme).toBe('secure');
    expect((await curl('--cacert', proxy.authority.files.cert, ...given)).exitCode).not.toBe(0);
    const wrong = await curl('--proxy-user', 'ada:wrong', ...given);
    expect([wrong.exitCode, wrong.stdout], scheme).toEqual([expect.any(Number), '']);
    expect(wrong.exitCode).not.toBe(0);
  }
  const negotiated = await curl('--proxy-anyauth', ...user, '-x', `http://${at}`, upstream.url);
  expect(negotiated.stdout).toBe('secure');
  expect(await proxy.recorded(3)).toHaveLength(3);
});

test('SOCKS4, which has no passwords, is refused', async () => {
  const upstream = await hello();
  const proxy = await guarded();
  const given = ['-x', `socks4a://127.0.0.1:${proxy.port}`, '--proxy-user', proxyAuth];
  const { exitCode, stdout } = await curl(...given, upstream.url);
  expect([exitCode, stdout]).toEqual([97, '']);
  expect(upstream.connections).toBe(0);
});

test('over HTTP/2, requests and tunnels need the credentials', async () => {
  const upstream = await hello();
  const proxy = await guarded();
  const session = http2SessionTo(proxy);
  const to = { ':scheme': 'http', ':authority': upstream.host, ':path': '/' };
  expect((await askHttp2(session, to)).headers[':status']).toBe(407);
  const named = { 'proxy-authorization': basic(proxyAuth) };
  expect((await askHttp2(session, { ...to, ...named })).body).toBe('hello');
  const tunnel = { ':method': 'CONNECT', ':authority': upstream.host };
  const refused = session.request(tunnel);
  expect((await once(refused, 'response'))[0]).toMatchObject({
    ':status': 407,
    'proxy-authenticate': expect.stringContaining('Basic'),
  });
  const granted = session.request({ ...tunnel, ...named });
  expect((await once(granted, 'response'))[0]).toMatchObject({ ':status': 200 });
});

test('a TLS connection that was led to the proxy without its knowledge is answered 407', async () => {
  const upstream = await httpsUpstream((_request, response) => response.end('secure'));
  const proxy = await guarded();
  const tls = connectTls({
    port: proxy.port,
    servername: 'localhost',
    ca: proxy.authority.certPem,
    ALPNProtocols: ['h2'],
  });
  const session = connectHttp2(upstream.url, { createConnection: () => tls });
  onTestFinished(() => session.destroy());
  expect((await askHttp2(session, { ':path': '/' })).headers[':status']).toBe(407);
  expect(upstream.connections).toBe(0);
});

test('the certificate is there for everybody', async () => {
  const proxy = await guarded();
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/ca.pem`);
  expect(await answer.text()).toBe(proxy.authority.certPem);
});

test('a server behind the proxy takes the credentials in the base URL, and does not see them', async () => {
  const upstream = await httpUpstream((request, response) => {
    response.end(`${request.headers.authorization}`);
  });
  const proxy = await recordingProxy({ proxyAuth, targets: [{ prefix: '', url: upstream.url }] });
  const own = `http://127.0.0.1:${proxy.port}`;
  const refused = await fetch(own);
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    'Basic realm="pmproxy", charset="UTF-8"',
  ]);
  const Authorization = basic(proxyAuth);
  expect(await (await fetch(own, { headers: { Authorization } })).text()).toBe('undefined');
  const both = await ask(proxy, `${own}/`, { headers: [...right, 'Authorization', 'Bearer x'] });
  expect(String(both.body)).toBe('Bearer x');
});
