import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type ServerOptions as WebSocketServerOptions } from 'ws';
import { type Authority, openAuthority } from '../../src/proxy/authority.ts';
import { newFolder } from './folder.ts';

/** A real server on a free port of 127.0.0.1; it is gone when the test is over. */
export type Upstream = {
  readonly port: number;
  /** `127.0.0.1:port`; `localhost:port` for the secure ones, whose certificate says so. */
  readonly host: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections there have been. */
  readonly connections: number;
  close(): Promise<void>;
};

/** Starts an HTTP/1.1 server. */
export async function httpUpstream(handler: RequestListener): Promise<Upstream> {
  const server = createHttpServer(handler);
  // Tests of stale connections close them explicitly.
  server.keepAliveTimeout = 60_000;
  return listen(server, 'http', '127.0.0.1');
}

/** Starts an HTTPS server for `localhost`, certified by {@link upstreamAuthority} unless `tls` says otherwise. */
export async function httpsUpstream(
  handler: RequestListener,
  tls: TlsOptions = {},
): Promise<Upstream> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = createHttpsServer({ key, cert, ...tls }, handler);
  return listen(server, 'https', 'localhost');
}

/** Starts a TCP server; its connections are read, and their errors ignored. */
export async function tcpUpstream(onConnection: (socket: Socket) => void): Promise<Upstream> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
    socket.resume();
  });
  return listen(server, 'http', '127.0.0.1');
}

/** Starts a TLS server for `localhost`, certified as {@link httpsUpstream} is, that speaks any protocol. */
export async function secureTcpUpstream(
  onConnection: (socket: TLSSocket) => void,
): Promise<Upstream> {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = createTlsServer({ key, cert }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
    socket.resume();
  });
  return listen(server, 'https', 'localhost');
}

/**
 * Starts a TCP server that sends these bytes to whoever has sent a request's head, once per
 * connection, and then does what `after` says.
 */
export async function cannedUpstream(
  answer: string | Buffer,
  after: 'end' | 'reset' | 'keep' = 'keep',
): Promise<Upstream> {
  return tcpUpstream((socket) => {
    socket.once('data', () => {
      socket.write(typeof answer === 'string' ? Buffer.from(answer, 'latin1') : answer, () => {
        if (after === 'end') socket.end();
        else if (after === 'reset') socket.resetAndDestroy();
      });
    });
  });
}

/** Starts a WebSocket server, in clear text or with the certificate of {@link httpsUpstream}. */
export async function webSocketUpstream(
  onServer: (server: WebSocketServer) => void,
  options: WebSocketServerOptions & { secure?: boolean } = {},
): Promise<Upstream> {
  const { secure, ...rest } = options;
  const credentials = secure
    ? await (await upstreamAuthority()).credentialsFor('localhost')
    : undefined;
  const server = credentials
    ? createHttpsServer({ key: credentials.key, cert: credentials.cert })
    : createHttpServer();
  onServer(new WebSocketServer({ server, ...rest }));
  return listen(server, secure ? 'wss' : 'ws', secure ? 'localhost' : '127.0.0.1');
}

let authority: Promise<Authority> | undefined;

/** The certificate authority of the secure upstreams; one per test file. */
export function upstreamAuthority(): Promise<Authority> {
  authority ??= newFolder().then(openAuthority);
  return authority;
}

/** Puts a server on a port, a free one unless told, until the test is over. */
export async function listen(
  server: Server,
  scheme: string,
  name: string,
  onPort = 0,
): Promise<Upstream> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(onPort, '127.0.0.1', 4096);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(close);
  return {
    port,
    host: `${name}:${port}`,
    url: `${scheme}://${name}:${port}`,
    sockets,
    get connections() {
      return connections;
    },
    close,
  };
}

/**
 * A port of 127.0.0.1 on which nobody listens. Until the test is over it is given to nobody but to who asks for this very
 * one: the system keeps it for a connection that was accepted there.
 */
export async function deadPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const caller = connect(port, '127.0.0.1');
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(caller, 'connect')]);
  onTestFinished(() => {
    for (const socket of [caller, accepted]) socket.destroy();
  });
  server.close();
  return port;
}

// Systems give free ports out from 32768 on (Linux) or from 49152 on (RFC 6335). Each worker of a run has a part of its own
// of what is below.
const lowPorts = 3000;
const firstLowPort = 20_000 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 4) * lowPorts;
let nextLowPort = process.pid * 16;

/** A free port, of all addresses, that the system gives to nobody; nor does it the one behind it. */
export async function lowPort(): Promise<number> {
  for (;;) {
    const port = firstLowPort + (nextLowPort % lowPorts);
    nextLowPort += 2;
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createTcpServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
