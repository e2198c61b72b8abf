import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { errorCode } from '../errors.ts';
import type { ClientRequest, ClientResponse } from './answer.ts';
import { refuseInTurn, takeInTurn } from './answer-turns.ts';
import type { ClientAccess } from './client-access.ts';
import type { Clock } from './clock.ts';
import type { Route } from './destination.ts';
import { serveHttp2 } from './http2-server/server.ts';
import { createInterception, type InterceptionOptions } from './interception.ts';
import {
  type ComboServer,
  createComboServer,
  LastHopEncrypted,
  LastTunnelAddress,
} from './mockttp.ts';
import { keepForPausedParser } from './paused-parser.ts';
import { hostNameIn } from './server-name.ts';
import { watchSilentTunnel } from './tunnel.ts';
import { grantTunnels, openTunnel } from './tunnel-requests.ts';
import { admitUnusualRequests, restoreRequestLine } from './unusual-requests.ts';

export type FrontOptions = Omit<InterceptionOptions, 'onSecure'> & {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** How many clients, and how many HTTP/2 streams, the process has descriptors for. */
  readonly most: number;
  readonly onRequest: (request: ClientRequest, response: ClientResponse, context: Context) => void;
  readonly onUpgrade: (
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    context: Context,
  ) => void;
  /** Access control for clients; absent: open to all. */
  readonly access: ClientAccess | undefined;
  /** Connects to the destination of a silent tunnel. */
  readonly call: (tunnel: string) => Promise<Socket>;
};

/** What the connection provides about a request. */
export type Context = {
  readonly route: Route;
  /** The client's address and port. */
  readonly client: string;
  /** The address at which the client reached the proxy; absent if its connection has none. */
  readonly reachedAt?: string;
};

/** The side of the clients: detects protocols, opens tunnels and TLS, and passes requests on. */
export type Front = {
  /** Serves each socket of its event `connection`; it does not listen itself. */
  readonly server: Server;
  /** Accepts a connection as if a CONNECT had named this target. */
  tunnel(socket: Socket, target: string): void;
  /** Stops its timers. */
  stop(): void;
};

/**
 * Builds mockttp's listening layer (HTTP/1, HTTP/2, TLS, SOCKS and unknown protocols on one port)
 * and adds the guards. TLS is opened by our own interception, which documents the reason.
 */
export async function createFront(options: FrontOptions): Promise<Front> {
  const contextOf = contexts();
  const server = (await createComboServer({
    debug: false,
    https: undefined,
    http2: 'fallback',
    keyLogStream: undefined,
    socks: true,
    passthroughUnknownProtocols: true,
    requestListener: (request: IncomingMessage, response: ServerResponse) => {
      restoreRequestLine(request);
      options.onRequest(request, response, contextOf(request));
    },
    tlsClientErrorListener: () => {},
    tlsPassthroughListener: () => {},
    rawPassthroughListener: (socket, hostname, port) => {
      options.onPassthrough(socket, hostname, port ?? 443);
    },
  })) as unknown as ComboServer;

  interceptTls(server, options);
  grantTunnels(server, options.timeoutMs, options.access);
  guard(server, admitUnusualRequests(server));
  timeOutSlowHeads(server, options.timeoutMs);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    restoreRequestLine(request);
    takeInTurn(socket, () => {
      if (isOtherUpgrade(request)) replayWithoutUpgrade(server, request, socket, head);
      else options.onUpgrade(request, socket, head, contextOf(request));
    });
  });
  serveHttp2(server, options);
  // Before protocol detection: bytes that were already read no longer show that a client spoke.
  server.prependListener('connection', (socket: Socket) => watchTunnel(socket, options));
  return {
    server,
    tunnel: (socket, target) => openTunnel(server, socket, target),
    // It never listened; this stops the timer of timeOutSlowHeads.
    stop: () => void server._httpServer.close(() => {}),
  };
}

function interceptTls(server: ComboServer, options: FrontOptions): void {
  const open = createInterception({
    ...options,
    onSecure: (socket, tunnel) => {
      const marked = socket as TLSSocket & {
        [LastHopEncrypted]?: boolean;
        [LastTunnelAddress]?: string;
      };
      marked[LastHopEncrypted] = true;
      if (tunnel !== undefined) marked[LastTunnelAddress] = tunnel;
      server.tlsListener(socket);
    },
  });
  // Without `https`, this listener destroys the connection.
  server._tlsServer.removeAllListeners('connection');
  server._tlsServer.on('connection', (socket: Socket & { [LastTunnelAddress]?: string }) => {
    open(socket, socket[LastTunnelAddress]);
  });
}

// A socket error without a listener ends the process. Every connection gets one, whichever layer it
// is on. Errors are handled where they take effect: a request breaks off, a tunnel closes.
function guard(server: ComboServer, admit: (error: Error, socket: Socket) => boolean): void {
  const guarded = new WeakSet<NodeJS.EventEmitter>();
  server.prependListener('connection', (socket: NodeJS.EventEmitter) => {
    // This runs once per layer.
    if (guarded.has(socket)) return;
    guarded.add(socket);
    socket.on('error', () => {});
    // Every layer of a tunnel in a tunnel listens to the sockets below it.
    socket.setMaxListeners(0);
  });
  server.on('clientError', (error: Error, socket: Socket) => {
    if (keepForPausedParser(error, socket) || admit(error, socket)) return;
    const code = errorCode(error);
    if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (code === 'HPE_HEADER_OVERFLOW')
      refuseInTurn(socket, 431, 'The request head is too large.');
    else if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
      refuseInTurn(socket, 408, 'The request head took too long.');
    else
      refuseInTurn(
        socket,
        400,
        `This request is not valid HTTP, or is not supported (${error.message}).`,
      );
  });
}

const maxHeaderBytes = 256 * 1024;

// The inner HTTP server never listens, so Node never starts the timer that drops clients which send
// their request heads slowly. Its `listening` event starts it.
function timeOutSlowHeads(server: ComboServer, timeoutMs: number): void {
  const http = server._httpServer as ComboServer['_httpServer'] & { maxHeaderSize?: number };
  Object.assign(http, {
    headersTimeout: Math.min(timeoutMs, 60_000),
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(timeoutMs, 5_000),
    keepAliveTimeout: 75_000,
    maxHeaderSize: maxHeaderBytes,
    // Node silently drops header lines beyond a limit, unless there is no limit.
    maxHeadersCount: 0,
  });
  http.emit('listening');
}

function contexts(): (request: ClientRequest) => Context {
  const known = new WeakMap<object, Context>();
  return (request) => {
    const socket = carrierOf(request.socket);
    // The socket of an HTTP/2 request is a proxy object, made anew for each.
    const key =
      'stream' in request ? ((request as Http2ServerRequest).stream.session ?? socket) : socket;
    const tunnel = socket[LastTunnelAddress];
    let context = known.get(key);
    // CONNECT converts the same socket on which plain requests may have arrived.
    if (context === undefined || context.route.tunnel !== tunnel) {
      const sni = (socket as { servername?: string | false }).servername;
      context = {
        client: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`,
        ...(socket.localAddress !== undefined && { reachedAt: socket.localAddress }),
        route: {
          encrypted: socket[LastHopEncrypted] === true,
          ...(tunnel === undefined ? {} : { tunnel }),
          ...(sni ? { sni: hostNameIn(sni) ?? '' } : {}),
        },
      };
      known.set(key, context);
    }
    return context;
  };
}

type Carrier = TLSSocket & { [LastTunnelAddress]?: string; [LastHopEncrypted]?: boolean };

// Node reads HTTP/2 through a wrapper if the stream is not a system socket, such as a tunnel over HTTP/2.
function carrierOf(socket: Socket): Carrier {
  return ((socket as Socket & { stream?: Socket }).stream ?? socket) as Carrier;
}

function isOtherUpgrade(request: IncomingMessage): boolean {
  return !/\bwebsocket\b/i.test(request.headers.upgrade ?? '');
}

// `Upgrade: h2c` and the like are offers that a server may ignore (RFC 9110 7.8), and so does
// pmproxy. The parser has already released the socket, so the request is put back without the
// offer and read again.
function replayWithoutUpgrade(
  server: ComboServer,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] as string;
    if (!/^(upgrade|connection|http2-settings)$/i.test(name))
      lines.push(`${name}: ${request.rawHeaders[i + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server._httpServer.emit('connection', socket);
}

const watched = new WeakSet<Socket>();

function watchTunnel(
  socket: Socket & { [LastTunnelAddress]?: string },
  options: FrontOptions,
): void {
  const tunnel = socket[LastTunnelAddress];
  if (tunnel === undefined || watched.has(socket) || socket.readableLength > 0) return;
  // A client that negotiated HTTP speaks first. HTTP/2 is read without the stream's events, so it would look silent.
  if ((socket as Partial<TLSSocket>).alpnProtocol) return;
  watched.add(socket);
  const takeOver = () => {
    // httpolyglot waits for the first bytes with this listener.
    socket.removeAllListeners('readable');
  };
  watchSilentTunnel(socket, () => options.call(tunnel), takeOver, options);
}
