import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  type ComboServer,
  createComboServer,
  LastHopEncrypted,
  LastTunnelAddress,
} from '../../src/proxy/mockttp.ts';
import { badFrame, preface } from '../helpers/http2-frames.ts';
import { connectRaw, sendRaw } from '../helpers/raw-client.ts';

// What pmproxy leans on in mockttp, none of which is a documented interface: a fact, a test.

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function combo(handler: Handler = (_, response) => response.end('ok')) {
  const raw: [hostname: string, port: number | undefined][] = [];
  const server = (await createComboServer({
    debug: false,
    https: undefined,
    http2: 'fallback',
    keyLogStream: undefined,
    socks: true,
    passthroughUnknownProtocols: true,
    requestListener: handler,
    tlsClientErrorListener: () => {},
    tlsPassthroughListener: () => {},
    rawPassthroughListener: (socket, hostname, port) => {
      raw.push([hostname, port]);
      socket.destroy();
    },
  })) as unknown as ComboServer;
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => (server as unknown as { destroy(): Promise<void> }).destroy());
  return { server, port: (server.address() as AddressInfo).port, raw };
}

test('its version is pinned exactly', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  expect(dependencies.mockttp).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the combined server has its parts under the expected names', async () => {
  const { server } = await combo();
  expect(server).toBeInstanceOf(Server);
  expect(server._httpServer.constructor.name).toBe('Server');
  expect(server._http2Server.constructor.name).toBe('Http2Server');
  expect(server._tlsServer).toBeInstanceOf(EventEmitter);
  expect(server._socksHandler).toBeInstanceOf(EventEmitter);
  expect(server.tlsListener).toBeTypeOf('function');
});

test('a connection that begins with TLS is emitted on the TLS part, untouched', async () => {
  const { server, port } = await combo();
  server._tlsServer.removeAllListeners('connection');
  const seen = once(server._tlsServer, 'connection');
  (await connectRaw(port)).send('\x16\x03\x01rest');
  const [socket] = await seen;
  expect(socket.read().toString('latin1')).toBe('\x16\x03\x01rest');
  socket.destroy();
});

test('a connection that begins with SOCKS is emitted on the SOCKS part, untouched', async () => {
  const { server, port } = await combo();
  server._socksHandler.removeAllListeners('connection');
  const seen = once(server._socksHandler, 'connection');
  (await connectRaw(port)).send('\x05\x01\x00');
  const [socket] = await seen;
  expect(socket.read().toString('latin1')).toBe('\x05\x01\x00');
  socket.destroy();
});

test('the protocol of a connection that is given back is detected again', async () => {
  const { server, port } = await combo((request, response) => {
    const socket = request.socket as unknown as Record<symbol, unknown>;
    response.end(`${String(socket[LastTunnelAddress])} ${String(socket[LastHopEncrypted])}`);
  });
  server.removeAllListeners('connect');
  server.on('connect', (_request, socket) => {
    socket[LastTunnelAddress] = 'a.example:80';
    socket.write('granted\n', () => server.emit('connection', socket));
  });
  const client = await connectRaw(port);
  client.send('CONNECT a.example:80 HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.until('granted\n');
  client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  expect(await client.rest()).toMatch(/a\.example:80 false$/);
});

test('an unknown protocol is passed with the destination of its tunnel', async () => {
  const { server, port, raw } = await combo();
  server.prependListener('connection', (socket) => {
    socket[LastTunnelAddress] = '[2001:db8::1]:22';
  });
  await sendRaw(port, '\xff\xfe\xfd');
  expect(raw).toEqual([['2001:db8::1', 22]]);
});

test('HTTP/2 is recognised in clear text', async () => {
  const { port } = await combo((request, response) => response.end(request.httpVersion));
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  expect(String((await once(stream, 'data'))[0])).toBe('2.0');
});

test("Node's listener for HTTP/2 connections can be removed, and is the same on each server", async () => {
  const { server, port } = await combo();
  const [listener] = createHttp2Server().listeners('connection');
  expect(server._http2Server.listeners('connection')).toContain(listener);
  server._http2Server.removeListener('connection', listener as () => void);
  const seen = once(server._http2Server, 'connection');
  (await connectRaw(port)).send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const [socket] = await seen;
  expect(socket.read().toString('latin1')).toMatch(/^PRI /);
  socket.destroy();
});

test.each(['request', 'checkContinue', 'connect'])(
  'its HTTP/2 server has one listener for %s',
  async (event) => {
    const { server } = await combo();
    expect(server._http2Server.listeners(event)).toHaveLength(1);
  },
);

test('after a protocol error, Node sends GOAWAY, stops reading, and keeps a PING and the socket', async () => {
  const server = createHttp2Server();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const begun = once(server, 'session');
  const client = await connectRaw((server.address() as AddressInfo).port);
  client.send(Buffer.concat([preface, badFrame]));
  const [session] = await begun;
  // GOAWAY with PROTOCOL_ERROR (RFC 9113 6.8).
  await client.until(/\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01/);
  const { bytesRead } = session.socket;
  expect(bytesRead).toBe(preface.length + badFrame.length);
  client.send(badFrame);
  session.ping(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect([session.socket.bytesRead, session.state.outboundQueueSize]).toEqual([bytesRead, 1]);
  expect([session.destroyed, session.socket.destroyed]).toEqual([false, false]);
});

test('Expect: 100-continue is left to the caller', async () => {
  const { port } = await combo();
  const request = 'GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n';
  expect(await sendRaw(port, request)).toMatch(/^HTTP\/1\.1 200 /);
});

test('`listening` starts the timeout of request heads on the HTTP part', async () => {
  const { server, port } = await combo();
  Object.assign(server._httpServer, { headersTimeout: 100, connectionsCheckingInterval: 50 });
  server._httpServer.emit('listening');
  const late = once(server, 'clientError');
  (await connectRaw(port)).send('GET / HTTP/1.1\r\n');
  expect((await late)[0].code).toBe('ERR_HTTP_REQUEST_TIMEOUT');
  server._httpServer.close(() => {});
});

test('listeners on the combined server are on all of its parts', async () => {
  const { server } = await combo();
  const listener = () => {};
  server.on('upgrade', listener);
  expect(server._httpServer.listeners('upgrade')).toContain(listener);
  server.removeListener('upgrade', listener);
  expect(server._httpServer.listeners('upgrade')).not.toContain(listener);
});
