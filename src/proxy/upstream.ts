import type { Socket } from 'node:net';
import type { Header } from '../exchange.ts';
import {
  type ChainOptions,
  hostOf,
  isAddressOf,
  portOf,
  proxyAuthorization,
  proxyFinder,
  throughConnect,
  throughSocks,
} from './chained-proxy.ts';
import { type ConnectorOptions, createConnectors } from './connectors.ts';
import type { Destination } from './destination.ts';
import {
  type ExchangeListener,
  type OpenRequest,
  UpstreamConnection,
  type WireRequest,
} from './http1/connection.ts';
import { createPool } from './http1/pool.ts';
import { requestHead } from './http1/request-head.ts';
import { isReserved, leadsTo, type Reserved } from './listening.ts';

/** Where requests go out, and whom pmproxy trusts there; a silent upstream is given up as well. */
export type UpstreamOptions = ConnectorOptions &
  ChainOptions & {
    /** Where no connection may lead to. */
    readonly reserved: readonly Reserved[];
  };

/** The way out: kept connections, shared between all clients. */
export type Upstreams = {
  /**
   * Sends one request; what comes back is told to the listener, never before this returns where a connection has to be opened.
   *
   * @throws UnsendableRequest when it cannot be put into HTTP/1.1
   */
  send(destination: Destination, request: OutgoingRequest, listener: UpstreamListener): void;
  /** Opens a raw connection, through the chained proxy where there is one. */
  connect(hostname: string, port: number): Promise<Socket>;
  /** Closes the connections that are kept for later requests. */
  close(): void;
};

type OutgoingRequest = Pick<WireRequest, 'method' | 'body' | 'upgrade'> & {
  /** All header lines, Host among them. */
  readonly headers: readonly Header[];
};

export type UpstreamListener = ExchangeListener & {
  /** The request is about to be written. False when it is not wanted any more. */
  onOpen(request: OpenRequest): boolean;
};

/** Makes the way out. */
export function createUpstreams(options: UpstreamOptions): Upstreams {
  const connectors = createConnectors(options);
  const proxyFor = proxyFinder(options);
  const pool = createPool();

  // The proxy that a plain request goes to in absolute-form (RFC 9112 3.2.2); tunnels take all else.
  function forwarder({ encrypted, hostname, port }: Destination, upgrade: boolean) {
    if (encrypted || upgrade) return undefined;
    const proxy = proxyFor('http:', hostname, port);
    return proxy?.protocol.startsWith('http') ? proxy : undefined;
  }

  async function open(destination: Destination, forward: URL | undefined): Promise<Socket> {
    const { encrypted, hostname, port, servername } = destination;
    const socket = await openPlain(hostname, port, encrypted ? 'https:' : 'http:', forward);
    return encrypted ? connectors.openTls(socket, hostname, port, servername) : socket;
  }

  async function openPlain(
    hostname: string,
    port: number,
    protocol: string,
    forward?: URL,
  ): Promise<Socket> {
    await refuseOwn(hostname, port);
    const proxy = forward ?? proxyFor(protocol, hostname, port);
    const isDirect = proxy === undefined || isAddressOf(proxy, hostname, port);
    if (!isDirect) await refuseOwn(hostOf(proxy), portOf(proxy));
    const socket = isDirect ? await connectors.openTcp(hostname, port) : await openProxy(proxy);
    // A name may lead elsewhere than it did when it was looked at.
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
    return connectors.openTls(socket, hostOf(proxy), portOf(proxy), undefined);
  }

  return {
    send(destination, request, listener) {
      const { method, body, upgrade } = request;
      const forward = forwarder(destination, upgrade);
      const target = forward ? absoluteForm(destination) : destination.path;
      const headers = forward
        ? [...request.headers, ...proxyAuthorization(forward)]
        : request.headers;
      const wire = { method, body, upgrade, head: requestHead(method, target, headers) };
      const place = forward?.origin ?? `${destination.origin} ${destination.servername ?? ''}`;
      const start = (connection: UpstreamConnection) => {
        if (listener.onOpen(connection)) connection.send(wire, listener);
        else connection.abort();
      };
      const kept = pool.take(place);
      if (kept) {
        start(kept);
        return;
      }
      const free = (connection: UpstreamConnection) => pool.put(place, connection);
      open(destination, forward)
        .then((socket) => start(new UpstreamConnection(socket, free)))
        .catch((error: Error) => listener.onError(error));
    },
    connect: (hostname, port) => openPlain(hostname, port, 'https:'),
    close: () => pool.clear(),
  };
}

function absoluteForm({ origin, path }: Destination): string {
  return `${origin.replace(/:80$/, '')}${path === '*' ? '' : path}`;
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
