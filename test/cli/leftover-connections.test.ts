import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { type CliEnd, type ListeningCli, newPlace, startCli, startSave } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import {
  connectRaw,
  openTunnel,
  type RawConnection,
  rawConnection,
} from '../helpers/raw-client.ts';
import { httpUpstream, listen, type Upstream } from '../helpers/upstream.ts';
import { frame, handshake, switching } from '../helpers/websocket-frames.ts';

const yo = frame('yo').toString('latin1');
const unknown = Buffer.from([0xff, 0xfe, 0xfd]);

/** A server that never ends a connection; it agrees to WebSockets, and says nothing else. */
async function stayingServer(): Promise<Upstream> {
  const accept = (socket: Socket) =>
    socket.once('data', (chunk) => {
      if (/^upgrade: websocket/im.test(String(chunk)))
        socket.write(`${switching()}${yo}`, 'latin1');
      socket.resume();
    });
  return listen(createServer({ allowHalfOpen: true }, accept), 'http', '127.0.0.1');
}

async function openWebSocket(cli: ListeningCli, { host }: Upstream): Promise<RawConnection> {
  const client = await connectRaw(cli.port);
  client.send(handshake(host, `http://${host}/socket`));
  await client.until(yo);
  return client;
}

async function openUnknown(cli: ListeningCli, { host, ...server }: Upstream): Promise<Socket> {
  const before = server.sockets.size;
  const tunnel = await openTunnel(cli.port, host);
  tunnel.write(unknown);
  await eventually(() => expect(server.sockets.size).toBe(before + 1));
  return tunnel;
}

/** Ways to connect through the proxy, by what is still open when the proxy is asked to stop. */
const undelivered: Record<string, (cli: ListeningCli, server: Upstream) => Promise<unknown>> = {
  'a WebSocket whose client has ended': async (cli, server) =>
    (await openWebSocket(cli, server)).socket.end(),
  'a WebSocket whose client is gone': async (cli, server) =>
    (await openWebSocket(cli, server)).socket.destroy(),
  'a WebSocket whose handshake is not answered': async (cli) => {
    const silent = await listen(createServer(), 'http', '127.0.0.1');
    const client = await connectRaw(cli.port);
    client.send(handshake(silent.host, `http://${silent.host}/socket`));
    await eventually(() => expect(silent.sockets.size).toBe(1));
  },
  'a tunnel of an unknown protocol': openUnknown,
  'a tunnel of an unknown protocol whose client is gone': async (cli, server) =>
    (await openUnknown(cli, server)).destroy(),
  'a tunnel whose destination was called because nothing came': async (cli, server) => {
    await openTunnel(cli.port, server.host);
    await eventually(() => expect(server.sockets.size).toBe(1));
  },
  'a TLS handshake that an upstream does not answer': async (cli, server) => {
    const client = await secureTunnel(cli, server);
    client.send(`GET /secure HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`);
    await eventually(() => expect(server.sockets.size).toBe(1));
  },
  'a TLS handshake in progress with a client': async (cli, server) => {
    const tunnel = await openTunnel(cli.port, server.host);
    tunnel.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
  },
  'a SOCKS request in progress': async (cli) => {
    const client = await connectRaw(cli.port);
    client.send(Buffer.from([5, 1, 0]));
    await client.until('\x05\x00');
    client.send(Buffer.from([5, 1]));
  },
  'an upload that was answered before it had come': async (cli) => {
    const early = await httpUpstream((_, response) => response.writeHead(413).end('no'));
    const client = await connectRaw(cli.port);
    client.send(`POST ${early.url}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\nhalf`);
    await client.until('no');
  },
};

async function secureTunnel(cli: ListeningCli, server: Upstream): Promise<RawConnection> {
  const socket = await openTunnel(cli.port, server.host);
  const secure = connectTls({ socket, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  return rawConnection(secure);
}

// Far less than what would end any of these by itself, and far more than a busy machine takes.
const soonMs = 20_000;

async function endSoon(ended: Promise<CliEnd>): Promise<CliEnd> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It is still there.')), soonMs);
  });
  onTestFinished(() => clearTimeout(timer));
  return Promise.race([ended, late]);
}

// All at once, for each process takes a second to start.
test('no open connection outlives --grace', async () => {
  const cli = await startSave(await newPlace(), ['-o', 't.har', '--grace', '200ms']);
  for (const open of Object.values(undelivered)) await open(cli, await stayingServer());
  const { code, stderr } = await endSoon(cli.end('SIGINT'));
  expect(code, stderr).toBe(0);
});

test('a passed-through connection does not outlive --grace', async () => {
  const server = await stayingServer();
  const place = await newPlace();
  const cli = await startSave(place, ['--passthrough', '127.0.0.1', '--grace', '200ms']);
  const tunnel = await openTunnel(cli.port, server.host);
  const secure = connectTls({ socket: tunnel, rejectUnauthorized: false });
  secure.on('error', () => {});
  await eventually(() => expect(server.sockets.size).toBe(1));
  tunnel.destroy();
  expect((await endSoon(cli.end('SIGINT'))).code).toBe(0);
});

test.each(['socks5', 'http'])(
  'a chained %s proxy that does not respond does not outlive --grace',
  async (scheme) => {
    const server = await stayingServer();
    const upstream = ['--upstream', `${scheme}://${server.host}`];
    const cli = await startSave(await newPlace(), [...upstream, '--grace', '200ms']);
    const client = await secureTunnel(cli, server);
    client.send(`GET / HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`);
    await eventually(() => expect(server.sockets.size).toBe(1));
    expect((await endSoon(cli.end('SIGINT'))).code).toBe(0);
  },
);

test('an interrupted WebSocket is recorded as unfinished, with the messages so far', async () => {
  const server = await stayingServer();
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.har', '--grace', '200ms']);
  const client = await openWebSocket(cli, server);
  client.socket.end();
  await endSoon(cli.end('SIGTERM'));
  const { entries } = (await place.json<Har>('t.har')).log;
  expect(entries).toMatchObject([
    { _outcome: { kind: 'unfinished' }, _webSocketMessages: [{ type: 'receive', data: 'yo' }] },
  ]);
});

/** A command that opens a WebSocket through its proxy, says so, and then does this. */
const webSocketCommand = ({ host }: Upstream, then: string) => [
  process.execPath,
  '-e',
  `const { hostname, port } = new URL(process.env.HTTP_PROXY);
  const socket = require('node:net').connect(port, hostname);
  socket.write(${JSON.stringify(handshake(host, `http://${host}/socket`))});
  socket.once('data', () => { console.error('opened'); ${then} });`,
];

test('a WebSocket that a command leaves open does not outlive --grace', async () => {
  const server = await stayingServer();
  const command = webSocketCommand(server, 'process.exit(5)');
  const cli = startCli(await newPlace(), ['save', '--grace', '200ms', '--', ...command]);
  await cli.says(/opened/);
  expect((await endSoon(cli.ended)).code).toBe(5);
});

test('a stopped command shares one grace period with its connections', async () => {
  const server = await stayingServer();
  const graceMs = 6000;
  const command = webSocketCommand(server, "process.on('SIGTERM', () => {})");
  const cli = startCli(await newPlace(), ['save', '--grace', `${graceMs}ms`, '--', ...command]);
  await cli.says(/opened/);
  const from = performance.now();
  await cli.end('SIGTERM');
  const tookMs = performance.now() - from;
  expect(tookMs).toBeGreaterThan(graceMs * 0.9);
  expect(tookMs).toBeLessThan(graceMs * 1.9);
});
