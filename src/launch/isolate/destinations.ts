import type { Socket } from 'node:net';
import { canonicalHost } from '../../http/loopback.ts';
import type { Namespace } from './namespace.ts';
import { loopbackPort, PORTS } from './rules.ts';
import type { SocketRow } from './socket-table.ts';

/** Where a connection was to go. */
export type Destination = { readonly address: string; readonly port: number };

/**
 * Finds out where the connections that arrive inside were to go. The address is that of our end. The port follows from
 * where the connection has arrived, or else is known to the client's own socket: translation does not show there, and Node
 * cannot ask for SO_ORIGINAL_DST. The kernel looks through all of its sockets for an answer; one such look serves all
 * connections that wait.
 *
 * @returns undefined where the client is gone already
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

// Who comes while one looks waits for the next look: the present one may have been past the place by then.
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
