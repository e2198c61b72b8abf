import type { Socket } from 'node:net';
import { canonicalHost } from '../../http/loopback.ts';
import type { Namespace } from './namespace.ts';
import type { SocketRow } from './socket-table.ts';

/** Where a connection was to go. */
export type Destination = {
  readonly address: string;
  readonly port: number;
  /** Something inside of the namespace listens there. */
  readonly isInside: boolean;
};

/**
 * Finds out where the connections that arrive at the relay were to go. The address is that of our end. The port is known to
 * the client's own socket: translation does not show there, and Node cannot ask for SO_ORIGINAL_DST (netfilter's NAT HOWTO).
 * One look at the sockets serves all connections that have arrived by then.
 *
 * @returns undefined where the client is gone already
 */
export function destinationFinder({
  sockets,
}: Pick<Namespace, 'sockets'>): (socket: Socket) => Promise<Destination | undefined> {
  let look: Promise<readonly SocketRow[]> | undefined;
  const latest = () => {
    look ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        look = undefined;
        sockets().then(resolve, reject);
      });
    });
    return look;
  };
  return async (socket) => {
    const { remotePort } = socket;
    const client = canonicalHost(socket.remoteAddress ?? '');
    const address = canonicalHost(socket.localAddress ?? '');
    if (client === undefined || address === undefined) return undefined;
    const rows = await latest();
    const own = rows.find(
      ({ local, remote }) =>
        local.port === remotePort &&
        local.address === client &&
        remote.address === address &&
        remote.port !== socket.localPort,
    );
    if (own === undefined) return undefined;
    const { port } = own.remote;
    const isInside = rows.some(({ isListening, local }) => isListening && local.port === port);
    return { address, port, isInside };
  };
}
