import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { leadsTo } from '../../src/proxy/listening.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** A server that nothing behind the proxy may reach, and a proxy that knows. */
async function reservedPlace(hostname = '127.0.0.1') {
  const client = await httpUpstream((_, response) => response.end('private'));
  const proxy = await recordingProxy({ reserved: [{ hostname, port: client.port }] });
  return { client, proxy };
}

test.each([
  '127.0.0.1',
  'localhost',
  '0.0.0.0',
  '127.1',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
])('a request for a reserved port as %s is answered 403 and not sent on', async (name) => {
  const { client, proxy } = await reservedPlace();
  const answer = await ask(proxy, `http://${name}:${client.port}/`, { headers: ['Host', 'h'] });
  expect(answer.status).toBe(403);
  expect(answer.body.toString()).toContain('is where a client of pmproxy listens');
  expect(client.connections).toBe(0);
});

test('a place that is reserved by its name is reserved by its addresses', async () => {
  const { client, proxy } = await reservedPlace('localhost');
  const answer = await ask(proxy, `http://127.0.0.1:${client.port}/`, { headers: ['Host', 'h'] });
  expect(answer.status).toBe(403);
  expect(client.connections).toBe(0);
});

test('an upload to a reserved port is answered 403, too', async () => {
  const { client, proxy } = await reservedPlace();
  const body = 'x'.repeat(3_000_000);
  const answer = await ask(proxy, `http://${client.host}/`, { method: 'POST', body });
  expect(answer.status).toBe(403);
  expect(client.connections).toBe(0);
});

test('tunnels do not lead to a reserved port: in clear text, in TLS, or for another protocol', async () => {
  const { client, proxy } = await reservedPlace();
  const target = `localhost:${client.port}`;
  const clear = await ask(proxy, `http://${target}/`, {
    over: await openTunnel(proxy.port, target),
  });
  expect(clear.status).toBe(403);
  const secure = await ask(proxy, `https://${target}/`, {
    over: await openSecureTunnel(proxy, target),
  });
  expect(secure.status).toBe(403);
  const other = rawConnection(await openTunnel(proxy.port, target));
  other.send('\xff\xfe\xfd');
  expect(await other.rest()).toBe('');
  expect(proxy.notices).toMatchObject([{ kind: 'tunnel' }]);
  expect(client.connections).toBe(0);
});

test('a WebSocket to a reserved port is answered 403', async () => {
  const { client, proxy } = await reservedPlace();
  const tunnel = await openTunnel(proxy.port, client.host);
  const socket = new WebSocket(`ws://${client.host}/capture`, { createConnection: () => tunnel });
  onTestFinished(() => socket.on('error', () => {}).terminate());
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(403);
  expect(client.connections).toBe(0);
});

test('over HTTP/2 a reserved port is answered 403', async () => {
  const { client, proxy } = await reservedPlace();
  const session = connectHttp2(proxy.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/', ':authority': client.host });
  expect((await once(stream, 'response'))[0][':status']).toBe(403);
  stream.close();
  expect(client.connections).toBe(0);
});

test('other ports of the same machine can still be reached', async () => {
  const { client, proxy } = await reservedPlace();
  const other = await httpUpstream((_, response) => response.end('public'));
  const answer = await ask(proxy, `${other.url}/`);
  expect(answer.body.toString()).toBe('public');
  expect(client.connections).toBe(0);
});

// What a name led to when it was looked at, it need not lead to when it is called.
test('an open connection shows whether it leads to a reserved place', async () => {
  const { client } = await reservedPlace();
  const socket = connectTcp(client.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const at = (hostname: string, port = client.port) => leadsTo(socket, [{ hostname, port }]);
  expect([at('127.0.0.1'), at('::ffff:127.0.0.1'), at('0.0.0.0')]).toEqual([true, true, true]);
  expect([at('127.0.0.2'), at('127.0.0.1', client.port - 1)]).toEqual([false, false]);
});
