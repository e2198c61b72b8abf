import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openRecordedCalls } from '../../src/calls/recorded-calls.ts';
import { mockingProxy } from '../../src/mock/answerer.ts';
import { type RunningProxy, startProxy } from '../../src/proxy/index.ts';
import { exchange, recordingOf } from '../helpers/exchanges.ts';
import { callUnary, grpcClient } from '../helpers/grpc-peers.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { askHttp2, http2Session, http2SessionTo } from '../helpers/http2-client.ts';
import { sharedHome } from '../helpers/proxy.ts';
import { connectRaw, openTunnel } from '../helpers/raw-client.ts';

/** A mock of one call to `http://api.test/`, and the messages about its misses. */
async function mock(): Promise<{ readonly proxy: RunningProxy; readonly missed: string[] }> {
  const calls = await openRecordedCalls([recordingOf([exchange()])]);
  const missed: string[] = [];
  const proxy = await startProxy({
    port: 0,
    home: await sharedHome(),
    via: 'none',
    ...mockingProxy({
      calls,
      missing: 'refuse',
      timing: 'none',
      onMissed: (words) => missed.push(words),
    }),
  });
  onTestFinished(() => proxy.close(0));
  return { proxy, missed };
}

const elsewhere = { host: 'other.test:443', url: 'https://other.test' };

test('a client that pins another certificate ends the handshake, and the mock goes on', async () => {
  const { proxy, missed } = await mock();
  const socket = await openTunnel(proxy.port, 'api.test:443');
  // Node sends an alert: it does not know the authority.
  const pinning = connectTls({ socket, host: 'api.test', ca: [] });
  const [error] = await once(pinning, 'error');
  expect(error.code).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  await once(socket, 'close');
  expect((await ask(proxy, 'http://api.test/')).status).toBe(200);
  expect(missed).toEqual([]);
});

test('a request over HTTP/2 to a host that was not recorded is a miss', async () => {
  const { proxy, missed } = await mock();
  const session = await http2Session(proxy, elsewhere);
  const { headers, body } = await askHttp2(session, { ':path': '/x?y=1' });
  expect(headers[':status']).toBe(502);
  expect(headers['x-pmproxy-miss']).toBe(missed[0]);
  expect(body).toContain('GET https://other.test/x?y=1 was not recorded');
  const direct = http2SessionTo(proxy);
  const posted = await askHttp2(
    direct,
    { ':method': 'POST', ':authority': 'other.test', ':scheme': 'http', ':path': '/z' },
    'a=1',
  );
  expect(posted.headers[':status']).toBe(502);
  expect(missed).toHaveLength(2);
});

test('a WebSocket to a host that was not recorded is refused with the miss', async () => {
  const { proxy, missed } = await mock();
  for (const scheme of ['ws', 'wss']) {
    const tunnel =
      scheme === 'wss'
        ? await openSecureTunnel(proxy, elsewhere.host)
        : await openTunnel(proxy.port, 'other.test:80');
    const socket = new WebSocket(`${scheme}://other.test/chat`, { createConnection: () => tunnel });
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(502);
    expect(response.headers['x-pmproxy-miss']).toBe(missed.at(-1));
  }
  expect(missed).toHaveLength(2);
});

test('a WebSocket over HTTP/2 to a host that was not recorded is not offered', async () => {
  const { proxy } = await mock();
  const session = await http2Session(proxy, elsewhere);
  await once(session, 'remoteSettings');
  expect(session.remoteSettings.enableConnectProtocol ?? false).toBe(false);
});

test('a gRPC call to a service that was not recorded ends with a status', async () => {
  const { proxy, missed } = await mock();
  const client = await grpcClient({ address: 'other.test:443', secure: true }, proxy);
  const { error } = await callUnary(client, Buffer.from('x'));
  // UNAVAILABLE, as for any server that answers 502 (gRPC over HTTP2, HTTP to gRPC status code mapping).
  expect(error?.code).toBe(14);
  expect(missed[0]).toContain('POST https://other.test/test.Echo/Unary was not recorded');
});

test('a tunnel that carries no HTTP is closed', async () => {
  const { proxy } = await mock();
  for (const bytes of ['SSH-2.0-client\r\n', '\x00\x01\x02\x03\x04\x05\x06\x07']) {
    const socket = await openTunnel(proxy.port, 'other.test:22');
    socket.end(Buffer.from(bytes, 'latin1'));
    socket.resume();
    await once(socket, 'close');
  }
});

test('a tunnel to an address and a host without a name in TLS is a miss', async () => {
  const { proxy, missed } = await mock();
  const over = await openSecureTunnel(proxy, '192.0.2.7:443');
  expect((await ask(proxy, 'https://192.0.2.7/', { over })).status).toBe(502);
  expect(missed).toHaveLength(1);
});

test('a request that waits for 100 Continue is answered without a server', async () => {
  const { proxy, missed } = await mock();
  const connection = await connectRaw(proxy.port);
  connection.send(
    'PUT http://other.test/file HTTP/1.1\r\nHost: other.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
  );
  expect(await connection.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 100 /);
  connection.send('body');
  expect(await connection.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 502 /);
  expect(missed).toHaveLength(1);
});
