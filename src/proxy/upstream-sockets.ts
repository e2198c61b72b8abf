import type { OnReadOpts, Socket } from 'node:net';
import {
  type ChainOptions,
  hostOf,
  isAddressOf,
  portOf,
  proxyFinder,
  throughConnect,
  throughSocks,
} from './chained-proxy.ts';
import { type ConnectorOptions, createConnectors } from './connectors.ts';
import type { Destination } from './destination.ts';
import { directReads } from './direct-reads.ts';
import { isReserved, leadsTo, type Reserved } from './listening.ts';

/** The route for outgoing requests, and the trusted authorities. */
export type UpstreamOptions = ConnectorOptions &
  ChainOptions & {
    /** Places that no connection may reach. */
    readonly reserved: readonly Reserved[];
  };

/** The names of HTTP versions in a TLS handshake (RFC 7301), the preferred one first. */
type Alpn = readonly ('h2' | 'http/1.1')[];

/** Opens connections to upstreams, through the chained proxy if there is one, and never to pmproxy itself. */
export type UpstreamSockets = {
  /** The proxy that a plain HTTP/1.1 request goes to in absolute-form (RFC 9112 3.2.2); all else uses tunnels. */
  forwarder(destination: Destination): URL | undefined;
  /**
   * Opens a connection for requests, with TLS if the destination uses it.
   *
   * @param alpn the protocols offered in the TLS handshake
   * @param forward connects to this proxy instead of the destination
   */
  open(destination: Destination, alpn: Alpn, forward?: URL): Promise<Socket>;
  /** Opens a raw connection. */
  openTunnel(hostname: string, port: number): Promise<Socket>;
};

/** Makes the opener. */
export function createUpstreamSockets(options: UpstreamOptions): UpstreamSockets {
  const connectors = createConnectors(options);
  const proxyFor = proxyFinder(options);

  async function openPlain(
    hostname: string,
    port: number,
    protocol: string,
    forward?: URL,
    onread?: OnReadOpts,
  ): Promise<Socket> {
    await refuseOwn(hostname, port);
    const proxy = forward ?? proxyFor(protocol, hostname, port);
    const isDirect = proxy === undefined || isAddressOf(proxy, hostname, port);
    if (!isDirect) await refuseOwn(hostOf(proxy), portOf(proxy));
    const socket = isDirect
      ? await connectors.openTcp(hostname, port, onread && { onread })
      : await openProxy(proxy);
    // A name may now resolve to another address than when it was checked.
    if (leadsTo(socket, options.reserved)) {
      socket.destroy();
      throw forbiddenError(hostname, port);
    }
    if (isDirect || forward) return socket;
    return proxy.protocol.startsWith('socks')
      ? throughSocks(socket, proxy, hostname, port, options.timeoutMs)
      : throughConnect(socket, proxy, hostname, port, options.timeoutMs);
  }

  async function refuseOwn(hostname: string, port: number): Promise<void> {
    if (await options.isSelf(hostname, port)) throw loopError(hostname, port);
    if (await isReserved(hostname, port, options.reserved)) throw forbiddenError(hostname, port);
  }

  async function openProxy(proxy: URL): Promise<Socket> {
    const socket = await connectors.openTcp(hostOf(proxy), portOf(proxy));
    if (proxy.protocol !== 'https:') return socket;
    return connectors.openTls(socket, hostOf(proxy), portOf(proxy), undefined, ['http/1.1']);
  }

  return {
    forwarder({ encrypted, hostname, port }) {
      if (encrypted) return undefined;
      const proxy = proxyFor('http:', hostname, port);
      return proxy?.protocol.startsWith('http') ? proxy : undefined;
    },
    async open({ encrypted, hostname, port, servername }, alpn, forward) {
      const protocol = encrypted ? 'https:' : 'http:';
      // TLS and HTTP/2 read the connection in their own way.
      const onread = !encrypted && alpn[0] === 'http/1.1' ? directReads : undefined;
      const socket = await openPlain(hostname, port, protocol, forward, onread);
      return encrypted ? connectors.openTls(socket, hostname, port, servername, alpn) : socket;
    },
    openTunnel: (hostname, port) => openPlain(hostname, port, 'https:'),
  };
}

function loopError(hostname: string, port: number): Error {
  return Object.assign(new Error(`${hostname}:${port} is where pmproxy itself listens`), {
    code: 'PMPROXY_LOOP',
  });
}

function forbiddenError(hostname: string, port: number): Error {
  return Object.assign(new Error(`${hostname}:${port} is where a client of pmproxy listens`), {
    code: 'PMPROXY_FORBIDDEN',
  });
}
