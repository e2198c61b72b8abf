import { expect, test } from 'vitest';
import { ask, openSecureTunnel } from '../../helpers/http-client.ts';
import { askHttp2, http2Session, http2SessionTo } from '../../helpers/http2-client.ts';
import {
  clearHttp2Upstream,
  type Http2Handler,
  secureHttp2Upstream,
} from '../../helpers/http2-upstream.ts';
import { answerIn, recordingProxy } from '../../helpers/proxy.ts';
import { httpsUpstream, httpUpstream, tcpUpstream } from '../../helpers/upstream.ts';

const sayVersion: Http2Handler = (request, response) => {
  response.end(`${request.httpVersion} ${request.method} ${request.url} ${request.authority}`);
};

test('a client that speaks HTTP/2 gets HTTP/2', async () => {
  const upstream = await secureHttp2Upstream(sayVersion, { allowHTTP1: true });
  const proxy = await recordingProxy();
  const { body } = await askHttp2(await http2Session(proxy, upstream), { ':path': '/a?b' });
  expect(body).toBe(`2.0 GET /a?b ${upstream.host}`);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.request.httpVersion).toBe('2.0');
  expect(answerIn(exchange)).toMatchObject({ httpVersion: '2.0', status: 200, statusText: '' });
  expect(exchange.connection.upstream).toBe(`127.0.0.1:${upstream.port}`);
});

test('a client that speaks HTTP/1.1 gets HTTP/1.1', async () => {
  const upstream = await secureHttp2Upstream(sayVersion, { allowHTTP1: true });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  const { body } = await ask(proxy, upstream.url, { over });
  expect(String(body)).toMatch(/^1\.1 GET/);
  expect(answerIn(await proxy.onlyRecorded()).httpVersion).toBe('1.1');
});

test('a client that speaks HTTP/1.1 gets HTTP/2 where the server has nothing else', async () => {
  const upstream = await secureHttp2Upstream(sayVersion);
  const proxy = await recordingProxy();
  for (const path of ['/1', '/2', '/3']) {
    const over = await openSecureTunnel(proxy, upstream.host);
    const answer = await ask(proxy, `${upstream.url}${path}`, { over });
    expect(String(answer.body)).toBe(`2.0 GET ${path} ${upstream.host}`);
    expect([answer.status, answer.statusText]).toEqual([200, 'OK']);
  }
  // The handshake in which HTTP/1.1 is refused is made once.
  expect(upstream.connections).toBe(2);
  const [exchange] = await proxy.recorded(3);
  expect(exchange?.request.httpVersion).toBe('1.1');
  expect(answerIn(exchange!).httpVersion).toBe('2.0');
});

test('a client that speaks HTTP/2 gets HTTP/1.1 where the server has nothing else', async () => {
  const upstream = await httpsUpstream((request, response) => response.end(request.httpVersion));
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  for (let i = 0; i < 3; i += 1) expect((await askHttp2(session)).body).toBe('1.1');
  expect(upstream.connections).toBe(1);
});

test('HTTP/2 in clear text goes on as such in a tunnel', async () => {
  const upstream = await clearHttp2Upstream(sayVersion);
  const proxy = await recordingProxy();
  const { body } = await askHttp2(await http2Session(proxy, upstream));
  expect(body).toBe(`2.0 GET / ${upstream.host}`);
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('HTTP/2 in clear text goes on as such to the server that its authority names', async () => {
  const upstream = await clearHttp2Upstream(sayVersion);
  const proxy = await recordingProxy();
  const session = http2SessionTo(proxy);
  const asked = { ':authority': upstream.host, ':scheme': 'http' };
  const answers = await Promise.all([1, 2, 3].map(() => askHttp2(session, asked)));
  expect(answers.map(({ body }) => body)).toEqual(Array(3).fill(`2.0 GET / ${upstream.host}`));
  expect(upstream.connections).toBe(1);
});

test('HTTP/2 in clear text becomes HTTP/1.1 where the server has nothing else, which is found out once', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.httpVersion));
  const proxy = await recordingProxy();
  const session = http2SessionTo(proxy);
  const asked = { ':authority': upstream.host, ':scheme': 'http' };
  for (let i = 0; i < 3; i += 1) expect((await askHttp2(session, asked)).body).toBe('1.1');
  expect(upstream.connections).toBe(2);
});

test('a tunnel decides where HTTP/2 in clear text goes, whatever its authority names', async () => {
  const upstream = await clearHttp2Upstream(sayVersion);
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, upstream);
  const { body } = await askHttp2(session, { ':authority': 'elsewhere.test' });
  expect(body).toBe('2.0 GET / elsewhere.test');
  const { connection } = await proxy.onlyRecorded();
  expect(connection.client).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('a server in clear text that is silent when HTTP/2 is begun gets HTTP/1.1', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      if (String(chunk).startsWith('GET')) socket.end('HTTP/1.1 200 OK\r\n\r\nok');
    });
  });
  const proxy = await recordingProxy({ timeoutMs: 1000 });
  const asked = { ':authority': upstream.host, ':scheme': 'http' };
  expect((await askHttp2(http2SessionTo(proxy), asked)).body).toBe('ok');
  expect(upstream.connections).toBe(2);
});

test('a WebSocket goes out over HTTP/1.1, also where HTTP/2 is known', async () => {
  const upstream = await secureHttp2Upstream(sayVersion, { allowHTTP1: true });
  upstream.server.on('upgrade', (request, socket) => {
    socket.end(`HTTP/1.1 403 Forbidden\r\n\r\n${request.httpVersion}`);
  });
  const proxy = await recordingProxy();
  await askHttp2(await http2Session(proxy, upstream));
  const over = await openSecureTunnel(proxy, upstream.host);
  const answer = await ask(proxy, upstream.url, {
    over,
    headers: [
      ...['Connection', 'Upgrade', 'Upgrade', 'websocket'],
      ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13'],
    ],
  });
  expect([answer.status, String(answer.body)]).toEqual([403, '1.1']);
});
