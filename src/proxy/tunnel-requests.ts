import type { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ClientRequest, refuse } from './answer.ts';
import { takeInTurn } from './answer-turns.ts';
import { type ClientAccess, proxyChallenge } from './client-access.ts';
import { parseAuthority } from './destination.ts';
import { type ComboServer, LastHopEncrypted, LastTunnelAddress } from './mockttp.ts';
import { acceptSocks } from './socks.ts';

/**
 * Grants tunnels (CONNECT over HTTP/1 and HTTP/2, SOCKS) and passes them back to the server, which
 * detects their protocol as for any connection. It replaces mockttp's own listeners, which grant
 * any CONNECT target, drop the data that follows it directly, throw on odd credentials or on a
 * CONNECT over our TLS, and write to the console.
 *
 * @param timeoutMs how long a SOCKS request may take
 * @param access who may open a tunnel; absent: all clients
 */
export function grantTunnels(
  server: ComboServer,
  timeoutMs: number,
  access: ClientAccess | undefined,
): void {
  const open = (connection: Duplex, target: string) => openTunnel(server, connection, target);
  server.removeAllListeners('connect');
  server.on(
    'connect',
    (request: ClientRequest, over: Socket | Http2ServerResponse, head?: Buffer) => {
      const target = ('stream' in request ? request.authority : request.url) ?? '';
      // A tunnel in a tunnel: the outer one was granted.
      const isKnown =
        access === undefined ||
        (request.socket as Partial<Tunnelled>)[LastTunnelAddress] !== undefined ||
        access.admits(request.headers['proxy-authorization']);
      if ('stream' in over) {
        if (isKnown) openOverHttp2(over, target, open);
        else refuseTunnel(over);
      } else
        takeInTurn(over, () => {
          if (isKnown) openOverHttp1(over, target, head, open);
          else refuseTunnel(over);
        });
    },
  );
  server._socksHandler.removeAllListeners('connection');
  server._socksHandler.on('connection', (socket: Socket) => {
    acceptSocks(socket, timeoutMs, access).then(
      (target) => target !== undefined && open(socket, target),
      () => socket.destroy(),
    );
  });
}

/**
 * Accepts a client's connection whose destination is already known.
 *
 * @param target `host:port` or `[v6]:port`
 */
export function openTunnel(server: ComboServer, connection: Tunnelled, target: string): void {
  connection[LastTunnelAddress] = target;
  // Until TLS is opened inside.
  connection[LastHopEncrypted] = false;
  if (!connection.destroyed) server.emit('connection', connection);
}

type Tunnelled = Duplex & { [LastTunnelAddress]?: string; [LastHopEncrypted]?: boolean };
type Open = (connection: Duplex, target: string) => void;

function refuseTunnel(over: Socket | Http2ServerResponse): void {
  if ('stream' in over) {
    over.writeHead(407, Object.fromEntries([proxyChallenge]));
    over.end();
  } else
    refuse(over, 407, 'This proxy requires a user and a password (--proxy-auth).', [
      proxyChallenge,
    ]);
}

function openOverHttp1(socket: Socket, target: string, head: Buffer | undefined, open: Open): void {
  if (!isTunnelTarget(target)) {
    refuse(socket, 400, 'A CONNECT must name a host and a port (RFC 9110 9.3.6).');
    return;
  }
  if (head && head.length > 0) socket.unshift(head);
  socket.write('HTTP/1.1 200 OK\r\n\r\n', () => open(socket, target));
}

function openOverHttp2(response: Http2ServerResponse, target: string, open: Open): void {
  if (!isTunnelTarget(target)) {
    response.writeHead(400);
    response.end();
    return;
  }
  response.writeHead(200);
  const { stream, socket } = response;
  const { remoteAddress, remotePort } = socket;
  // Node garbles strings written to an HTTP/2 stream, and its HTTP/1 server writes its heads as
  // strings. This converts them to buffers.
  const connection = Duplex.from({ readable: stream, writable: stream });
  open(Object.assign(connection, { remoteAddress, remotePort }), target);
}

// A tunnel requires a port. 0, which stands for a missing port here, is invalid.
function isTunnelTarget(target: string): boolean {
  try {
    parseAuthority(target, 0);
    return true;
  } catch {
    return false;
  }
}
