import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Exchange, WebSocketMessage } from '../../src/exchange.ts';
import type { RunningProxy } from '../../src/proxy/index.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, openSecureTunnel } from '../helpers/http-client.ts';
import { answerIn, bodyOf, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel } from '../helpers/raw-client.ts';
import {
  cannedUpstream,
  deadPort,
  httpUpstream,
  listen,
  tcpUpstream,
  type Upstream,
  webSocketUpstream,
} from '../helpers/upstream.ts';

const echo = (server: WebSocketServer) =>
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });

/** Opens a WebSocket through a tunnel, as clients with a proxy do. */
async function open(
  proxy: RunningProxy,
  upstream: Upstream,
  options: { deflate?: boolean; path?: string } = {},
): Promise<WebSocket> {
  const secure = upstream.url.startsWith('wss');
  const tunnel = secure
    ? await openSecureTunnel(proxy, upstream.host)
    : await openTunnel(proxy.port, upstream.host);
  const client = new WebSocket(upstream.url + (options.path ?? '/'), {
    createConnection: () => tunnel,
    perMessageDeflate: options.deflate ?? false,
  });
  onTestFinished(() => client.terminate());
  client.on('error', () => {});
  await once(client, 'open');
  return client;
}

async function messagesOf(exchange: Exchange): Promise<WebSocketMessage[]> {
  const messages: WebSocketMessage[] = [];
  for await (const message of exchange.webSocket?.messages() ?? []) messages.push(message);
  return messages;
}

async function close(client: WebSocket, code?: number, reason?: string) {
  const closed = once(client, 'close');
  client.close(code, reason);
  await closed;
}

const brief = ({ from, opcode, data }: WebSocketMessage) => [
  from,
  opcode,
  Buffer.from(data).toString('latin1'),
];

test('a handshake takes over a connection that has carried a request', async () => {
  const server = createHttpServer((_, response) => response.end('plain'));
  echo(new WebSocketServer({ server }));
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const upstream = await listen(server, 'ws', '127.0.0.1');
  const proxy = await recordingProxy();
  await ask(proxy, `http://${upstream.host}/`);
  const client = await open(proxy, upstream);
  for (const sent of [Buffer.from('small'), randomBytes(300_000)]) {
    const reply = once(client, 'message');
    client.send(sent);
    expect(sent.equals((await reply)[0])).toBe(true);
  }
  await close(client);
  expect(connections).toBe(1);
});

describe.each(['ws', 'wss'])('over %s', (scheme) => {
  test('text, binary messages, pings and pongs pass and are recorded', async () => {
    const upstream = await webSocketUpstream(echo, { secure: scheme === 'wss' });
    const proxy = await recordingProxy();
    const client = await open(proxy, upstream, { path: '/chat?room=1' });
    client.send('h\xe9llo');
    expect(String((await once(client, 'message'))[0])).toBe('h\xe9llo');
    client.send(Buffer.from([0, 255]));
    expect((await once(client, 'message'))[0]).toEqual(Buffer.from([0, 255]));
    client.ping('are you there');
    expect(String((await once(client, 'pong'))[0])).toBe('are you there');
    await close(client, 1000, 'done');

    const exchange = await proxy.onlyRecorded();
    expect(exchange.request.url).toBe(`${upstream.url.replace('ws', 'http')}/chat?room=1`);
    expect(answerIn(exchange).status).toBe(101);
    expect(exchange.outcome.kind).toBe('completed');
    expect(exchange.webSocket).toMatchObject({ count: 8, closed: { code: 1000, reason: 'done' } });
    const messages = (await messagesOf(exchange)).map(brief);
    const of = (side: string) =>
      messages.filter(([from]) => from === side).map(([, ...rest]) => rest);
    const done = [8, '\x03\xe8done'];
    const text = [1, Buffer.from('h\xe9llo').toString('latin1')];
    expect(of('client')).toEqual([text, [2, '\0\xff'], [9, 'are you there'], done]);
    expect(of('server')).toEqual([text, [2, '\0\xff'], [10, 'are you there'], done]);
  });
});

test('a WebSocket may be requested in absolute-form, without a tunnel', async () => {
  const upstream = await webSocketUpstream(echo);
  const proxy = await recordingProxy();
  const request = httpRequest({
    host: '127.0.0.1',
    port: proxy.port,
    path: `http://${upstream.host}/`,
    headers: {
      Host: upstream.host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  }).end();
  const [response, socket] = await once(request, 'upgrade');
  onTestFinished(() => socket.destroy());
  expect(response.statusCode).toBe(101);
  expect(response.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('fragments pass unchanged and are recorded as one message', async () => {
  const upstream = await webSocketUpstream(echo);
  const proxy = await recordingProxy();
  const client = await open(proxy, upstream);
  client.send('one ', { fin: false });
  client.send('and ', { fin: false });
  client.ping('between');
  client.send('two', { fin: true });
  expect(String((await once(client, 'message'))[0])).toBe('one and two');
  await close(client, 1000);
  const messages = (await messagesOf(await proxy.onlyRecorded())).map(brief);
  expect(messages).toContainEqual(['client', 1, 'one and two']);
  expect(messages).toContainEqual(['client', 9, 'between']);
});

test('compressed messages pass unchanged and are recorded uncompressed', async () => {
  const upstream = await webSocketUpstream(echo, { perMessageDeflate: { threshold: 0 } });
  const proxy = await recordingProxy();
  const client = await open(proxy, upstream, { deflate: true });
  expect(client.extensions).toContain('permessage-deflate');
  const texts = ['again and again '.repeat(500), 'again and again '.repeat(500), 'short'];
  for (const text of texts) {
    client.send(text);
    expect(String((await once(client, 'message'))[0])).toBe(text);
  }
  await close(client, 1000);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.webSocket?.cut).toBeUndefined();
  const messages = (await messagesOf(exchange)).filter(({ opcode }) => opcode === 1).map(brief);
  for (const side of ['client', 'server']) {
    expect(messages.filter(([from]) => from === side).map(([, , text]) => text)).toEqual(texts);
  }
});

describe('the close frame', () => {
  test.each([
    [1000, ''],
    [1001, 'going away'],
    [3000, 'r\xe9ason'],
    [4999, 'x'.repeat(123)],
  ])('of the server with %i reaches the client unchanged', async (code, reason) => {
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => socket.close(code, reason)),
    );
    const proxy = await recordingProxy();
    const client = await open(proxy, upstream);
    const [seen, why] = await once(client, 'close');
    expect([seen, String(why)]).toEqual([code, reason]);
    expect((await proxy.onlyRecorded()).webSocket?.closed).toEqual({ code, reason });
  });

  test('of the client reaches the server unchanged', async () => {
    let closed: unknown[] = [];
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => {
        socket.on('close', (code, reason) => {
          closed = [code, String(reason)];
        });
      }),
    );
    const proxy = await recordingProxy();
    await close(await open(proxy, upstream), 3001, 'enough');
    await eventually(() => expect(closed).toEqual([3001, 'enough']));
  });

  test('without a code stays without one', async () => {
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => socket.close()),
    );
    const proxy = await recordingProxy();
    expect((await once(await open(proxy, upstream), 'close'))[0]).toBe(1005);
    expect((await proxy.onlyRecorded()).webSocket?.closed).toEqual({ code: 1005, reason: '' });
  });

  test('is missing for the client when the server breaks off', async () => {
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => {
        socket.send('last words', () => socket.terminate());
      }),
    );
    const proxy = await recordingProxy();
    expect((await once(await open(proxy, upstream), 'close'))[0]).toBe(1006);
    const exchange = await proxy.onlyRecorded();
    expect(exchange.webSocket?.closed).toBeUndefined();
    expect((await messagesOf(exchange)).map(brief)).toEqual([['server', 1, 'last words']]);
  });

  test('is missing for the server when the client breaks off', async () => {
    let code = 0;
    const upstream = await webSocketUpstream((server) =>
      server.on('connection', (socket) => {
        socket.on('error', () => {});
        socket.on('close', (seen) => {
          code = seen;
        });
      }),
    );
    const proxy = await recordingProxy();
    (await open(proxy, upstream)).terminate();
    await eventually(() => expect(code).toBe(1006));
    await eventually(() => expect(proxy.inFlight).toBe(0));
  });
});

test('large messages pass completely, at the pace of the slower side', {
  timeout: 300_000,
}, async () => {
  const upstream = await webSocketUpstream(echo, { maxPayload: 64 * 1024 * 1024 });
  const proxy = await recordingProxy();
  const client = await open(proxy, upstream);
  const sent = randomBytes(16 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 3; i += 1) {
    client.send(sent);
    client.pause();
    setTimeout(() => client.resume(), 100);
    expect(sent.equals((await once(client, 'message'))[0])).toBe(true);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024);
  await close(client, 1000);
  const messages = await messagesOf(await proxy.onlyRecorded());
  expect(messages.filter(({ opcode, data }) => opcode === 2 && sent.equals(data))).toHaveLength(6);
});

test('a refusal reaches the client with its body', async () => {
  const refusing = await tcpUpstream((socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 403 Forbidden\r\nX-Why: n\r\nContent-Length: 2\r\n\r\nno'),
    );
  });
  const proxy = await recordingProxy();
  const tunnel = await openTunnel(proxy.port, refusing.host);
  const client = new WebSocket(refusing.url.replace('http', 'ws'), {
    createConnection: () => tunnel,
  });
  const [, response] = await once(client, 'unexpected-response');
  expect([response.statusCode, response.headers['x-why']]).toEqual([403, 'n']);
  expect(String((await once(response, 'data'))[0])).toBe('no');
  const exchange = await proxy.onlyRecorded();
  expect(answerIn(exchange).status).toBe(403);
  expect(await bodyOf(answerIn(exchange))).toBe('no');
  expect(exchange.webSocket).toBeUndefined();
});

test('a WebSocket to a closed port is answered 502', async () => {
  const dead = `127.0.0.1:${await deadPort()}`;
  const proxy = await recordingProxy();
  const tunnel = await openTunnel(proxy.port, dead);
  const client = new WebSocket(`ws://${dead}/`, {
    createConnection: () => tunnel,
  });
  const [, response] = await once(client, 'unexpected-response');
  expect(response.statusCode).toBe(502);
  response.resume();
});

const handshake = (host: string, lines = 'Upgrade: websocket\r\n') =>
  `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\n${lines}` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
// A masked "hi" from a client, and a "yo" from a server.
const hi = '\x81\x82\0\0\0\0hi';
const yo = '\x81\x02yo';
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Kept: 1\r\n\r\n';

test('frames right after the handshake are not lost on either side', async () => {
  let received = '';
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      if (received === '') socket.write(Buffer.from(`${switching}${yo}`, 'latin1'));
      received += chunk.toString('latin1');
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`CONNECT ${upstream.host} HTTP/1.1\r\n\r\n`);
  await client.until('\r\n\r\n');
  client.send(`${handshake(upstream.host)}${hi}`);
  expect(await client.until(yo)).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*X-Kept: 1/);
  await eventually(() => expect(received.endsWith(hi)).toBe(true));
  client.socket.destroy();
  const messages = (await messagesOf(await proxy.onlyRecorded())).map(brief);
  expect(messages.sort()).toEqual([
    ['client', 1, 'hi'],
    ['server', 1, 'yo'],
  ]);
});

test('unreadable frames still pass, and only their recording stops', async () => {
  const garbage = '\xff\xff\xff\xff not a frame';
  const upstream = await cannedUpstream(`${switching}${yo}${garbage}${yo}`);
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`CONNECT ${upstream.host} HTTP/1.1\r\n\r\n`);
  await client.until('\r\n\r\n');
  client.send(handshake(upstream.host));
  await client.until('\r\n\r\n');
  expect(await client.until(`${garbage}${yo}`)).toBe(`${yo}${garbage}${yo}`);
  client.send(hi);
  client.socket.end();
  const exchange = await proxy.onlyRecorded();
  expect(exchange.webSocket?.cut).toBe(true);
  const messages = (await messagesOf(exchange)).map(brief);
  expect(messages).toContainEqual(['server', 1, 'yo']);
});

describe('an upgrade', () => {
  test('that names WebSocket twice works', async () => {
    const upstream = await cannedUpstream(`${switching}${yo}`);
    const proxy = await recordingProxy();
    for (const lines of [
      'Upgrade: websocket\r\nUpgrade: websocket\r\n',
      'Upgrade: websocket, websocket\r\n',
    ]) {
      const client = await connectRaw(proxy.port);
      client.send(`CONNECT ${upstream.host} HTTP/1.1\r\n\r\n`);
      await client.until('\r\n\r\n');
      client.send(handshake(upstream.host, lines));
      expect(await client.until('\r\n')).toMatch(/^HTTP\/1\.1 101 /);
    }
  });

  test('to another protocol is passed on as a plain request', async () => {
    const upstream = await httpUpstream((request, response) => {
      response.end(
        `${request.url} ${request.headers.upgrade} ${request.headers['http2-settings']}`,
      );
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `GET ${upstream.url}/plain HTTP/1.1\r\nHost: ${upstream.host}\r\nConnection: Upgrade, HTTP2-Settings\r\n` +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    await client.until('/plain undefined undefined');
    // The connection is as good as before.
    client.send(`GET ${upstream.url}/next HTTP/1.1\r\nHost: ${upstream.host}\r\n\r\n`);
    await client.until('/next undefined undefined');
    const [first] = await proxy.recorded(2);
    expect(first?.request.url).toBe(`${upstream.url}/plain`);
  });

  test('to another protocol keeps its body', async () => {
    const upstream = await httpUpstream((request, response) => request.pipe(response));
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 10\r\n\r\nhello`,
    );
    client.send('world');
    await client.until('world');
    expect(await bodyOf((await proxy.onlyRecorded()).request)).toBe('helloworld');
  });

  test('with an invalid handshake is answered 400', async () => {
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      'POST http://a.invalid/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
  });
});
