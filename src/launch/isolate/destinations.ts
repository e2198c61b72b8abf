import type { Socket } from 'node:net';
import { canonicalHost } from '../../http/loopback.ts';
import type { Namespace } from './namespace.ts';
import { loopbackPort, PORTS } from './rules.ts';
import type { SocketRow } from './socket-table.ts';

/** The original destination of a connection. */
export type Destination = { readonly address: string; readonly port: number };

/**
 * Finds the original destinations of connections that arrive inside. The address is that of our end. The port follows
 * from where the connection arrived, or is read from the client's socket, where translation is not visible: Node cannot
 * query SO_ORIGINAL_DST. The kernel searches all its sockets for an answer; one search serves all waiting connections.
 *
 * @returns undefined if the client has already disconnected
 */
export function destinationFinder({
  sockets,
}: Pick<Namespace, 'sockets'>): (socket: Socket) => Promise<Destination | undefined> {
  const look = takingTurns(sockets);
  return async (socket) => {
    const { localPort, remotePort } = socket;
    const address = canonicalHost(socket.localAddress ?? '');
    const client = canonicalHost(socket.remoteAddress ?? '');
    if (address === undefined || client === undefined) return undefined;
    if (localPort === PORTS.http) return { address, port: 80 };
    if (localPort === PORTS.https) return { address, port: 443 };
    if (localPort === PORTS.loopback) {
      const port = loopbackPort(address);
      const loopback = address.includes(':') ? '::1' : '127.0.0.1';
      return port === undefined ? undefined : { address: loopback, port };
    }
    const own = (await look()).find(
      ({ local, remote }) =>
        local.port === remotePort &&
        local.address === client &&
        remote.address === address &&
        remote.port !== localPort,
    );
    return own && { address, port: own.remote.port };
  };
}

// A connection that arrives during a search waits for the next one: the current one may already have passed its socket.
function takingTurns(
  sockets: () => Promise<readonly SocketRow[]>,
): () => Promise<readonly SocketRow[]> {
  let present: Promise<unknown> = Promise.resolve();
  let next: Promise<readonly SocketRow[]> | undefined;
  return () => {
    next ??= present.then(() => {
      next = undefined;
      const looking = sockets();
      present = looking.catch(() => {});
      return looking;
    });
    return next;
  };
}
