import { expect, test } from 'vitest';
import { answerIn, bodyOf, recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection } from '../../helpers/raw-client.ts';
import { httpUpstream, tcpUpstream } from '../../helpers/upstream.ts';

test('a request whose response came early is recorded completely', async () => {
  let received = 0;
  const upstream = await httpUpstream((request, response) => {
    request.on('data', (chunk) => {
      received += chunk.length;
    });
    response.end('ok');
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n`);
  await client.until('ok');
  for (let i = 0; i < 10; i += 1) client.send('x'.repeat(100_000));
  await expect.poll(() => received).toBe(1_000_000);
  const { request, outcome } = await proxy.onlyRecorded();
  expect([request.body?.size, outcome.kind]).toEqual([1_000_000, 'completed']);
});

test('a chained proxy that does not answer a CONNECT times out', async () => {
  const silent = await tcpUpstream(() => {});
  const proxy = await recordingProxy({ via: new URL(silent.url), timeoutMs: 1000 });
  const client = rawConnection(await openTunnel(proxy.port, 'example.invalid:80'));
  client.send(
    'GET / HTTP/1.1\r\nHost: example.invalid\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
  );
  client.send('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
  expect(await client.until('\r\n')).toMatch(/^HTTP\/1\.1 504 /);
  await expect.poll(() => silent.sockets.size).toBe(0);
});

const handshake = (url: string, more = '') =>
  `GET ${url}/ HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;

test('a handshake that is declined with a large response ends when that has arrived', async () => {
  const declining = await tcpUpstream((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
      socket.write(Buffer.alloc(1_000_000, 'x'));
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(handshake(declining.url));
  expect((await client.rest()).length).toBeGreaterThan(1_000_000);
  expect(answerIn(await proxy.onlyRecorded()).body?.size).toBe(1_000_000);
  expect(proxy.inFlight).toBe(0);
});

test('the connection headers of a handshake are not passed on', async () => {
  let head = '';
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', (chunk) => {
      head = String(chunk);
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    handshake(upstream.url, 'Proxy-Authorization: Basic eA==\r\nKeep-Alive: timeout=5\r\n'),
  );
  await client.until('\r\n\r\n');
  expect(head).toContain('Connection: Upgrade\r\n');
  expect(head).not.toMatch(/proxy-authorization|keep-alive/i);
});

test.each([
  ['an over-long head', `GET http://h/ HTTP/1.1\r\nX: ${'x'.repeat(300_000)}`, /HTTP\/1\.1 431 /],
  ['what is not HTTP', 'GARBAGE\r\n\r\n', /HTTP\/1\.1 400 /],
])(
  '%s after a request is refused after the response to that request',
  async (_, garbage, status) => {
    let finish = () => {};
    const upstream = await tcpUpstream((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nfirst'),
      );
      finish = () => void socket.write('x'.repeat(395));
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
    await client.until('first');
    client.send(garbage);
    finish();
    const rest = await client.rest();
    expect(rest.slice(0, 395)).toBe('x'.repeat(395));
    expect(rest.slice(395)).toMatch(status);
  },
);

test('a body that breaks off is refused at once, and its upstream is released', async () => {
  const upstream = await tcpUpstream(() => {});
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
  await expect.poll(() => upstream.sockets.size).toBe(1);
  client.send('ZZ\r\n');
  expect(await client.until('\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  await expect.poll(() => upstream.sockets.size).toBe(0);
});

test('endless interim responses are broken off', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 103 Hints\r\nA: b\r\n\r\n'.repeat(2000)));
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
  expect(await client.until('502')).toContain('HTTP/1.1 103 Hints');
});

test('a repeated length is sent on once', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok'),
    );
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
  expect(await client.rest()).toBe(
    'HTTP/1.1 200 OK\r\ncontent-Length: 2\r\nConnection: close\r\n\r\nok',
  );
  expect(await bodyOf(answerIn(await proxy.onlyRecorded()))).toBe('ok');
});
