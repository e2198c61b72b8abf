import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Agent, type buildConnector, type Dispatcher, Pool } from 'undici';
import {
  type ChainOptions,
  isAddressOf,
  portOf,
  proxyAuthorization,
  proxyFinder,
  throughConnect,
  throughSocks,
} from './chained-proxy.ts';
import { type Connector, type ConnectorOptions, createConnectors, openTcp } from './connectors.ts';
import type { Destination } from './destination.ts';
import { isReserved, leadsTo, type Reserved } from './listening.ts';
import { discardContinue } from './unasked-continue.ts';

/** Where requests go out, and whom pmproxy trusts there; a silent upstream is given up as well. */
export type UpstreamOptions = ConnectorOptions &
  ChainOptions & {
    /** Where no connection may lead to. */
    readonly reserved: readonly Reserved[];
  };

/** The way out: pooled connections, shared between all clients. */
export type Upstreams = {
  /** Sends one request; what comes back is told to the handler (see undici's `dispatch`). */
  dispatch(
    destination: Destination,
    request: OutgoingRequest,
    handler: Dispatcher.DispatchHandler,
  ): void;
  /** Opens a raw connection, through the chained proxy where there is one. */
  connect(hostname: string, port: number): Promise<Socket>;
  close(): Promise<void>;
};

type OutgoingRequest = {
  readonly method: string;
  /** Flat header lines, without Host, which the destination gives. */
  readonly headers: string[];
  readonly body: Dispatcher.DispatchOptions['body'];
  /** The protocol to upgrade to, for a WebSocket's handshake. */
  readonly upgrade?: string;
};

/** Makes the way out. */
export function createUpstreams(options: UpstreamOptions): Upstreams {
  const connectors = createConnectors(options);
  const proxyFor = proxyFinder(options);
  const proxies = new Map<string, Pool>();

  const connect: Connector = (target, told) => {
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    const done: buildConnector.Callback = (...result) => {
      const socket = result[1];
      // A name may lead elsewhere than it did when it was looked at.
      if (socket && leadsTo(socket, options.reserved)) {
        socket.destroy();
        told(forbiddenError(target.hostname, port), null);
        return;
      }
      if (socket) discardContinue(socket);
      told(...result);
    };
    openSocket(target.hostname, port, target.protocol)
      .then((httpSocket) => {
        const connector = connectors.forHost(target.hostname, port);
        if (httpSocket === undefined) connector(target, done);
        else if (target.protocol === 'https:') connector({ ...target, httpSocket }, done);
        else done(null, httpSocket);
      })
      .catch((error: Error) => done(error, null));
  };

  // A socket where one has to be opened by us; undefined where the connector opens it itself.
  async function openSocket(
    hostname: string,
    port: number,
    protocol: string,
  ): Promise<Socket | undefined> {
    if (await options.isSelf(hostname, port)) throw loopError(hostname, port);
    if (await isReserved(hostname, port, options.reserved)) throw forbiddenError(hostname, port);
    const proxy = proxyFor(protocol, hostname, port);
    if (proxy === undefined || isAddressOf(proxy, hostname, port)) return undefined;
    return proxy.protocol.startsWith('socks')
      ? throughSocks(proxy, hostname, port, options.timeoutMs)
      : throughConnect(poolOf(proxy), proxy, hostname, port);
  }

  function poolOf(proxy: URL): Pool {
    let pool = proxies.get(proxy.origin);
    if (pool === undefined) {
      pool = new Pool(proxy.origin, { connect: connectors.forHost(proxy.hostname, portOf(proxy)) });
      proxies.set(proxy.origin, pool);
    }
    return pool;
  }

  const agent = new Agent({
    connect,
    headersTimeout: options.timeoutMs,
    // The relay times bodies itself, for an event stream may be silent as long as it likes.
    bodyTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
  });

  return {
    dispatch(destination, request, handler) {
      const proxy = proxyFor(
        destination.encrypted ? 'https:' : 'http:',
        destination.hostname,
        destination.port,
      );
      const absolute =
        proxy?.protocol.startsWith('http') && !destination.encrypted && !request.upgrade;
      const headers = request.headers;
      headers.push('host', destination.host);
      if (proxy && absolute) headers.push(...proxyAuthorization(proxy));
      agent.dispatch(
        {
          // A plain request goes to a chained proxy in absolute-form (RFC 9112 3.2.2).
          origin: proxy && absolute ? proxy.origin : destination.origin,
          path: absolute
            ? `${withoutPort80(destination.origin)}${destination.path}`
            : destination.path,
          method: request.method as Dispatcher.HttpMethod,
          headers,
          body: request.body ?? null,
          upgrade: request.upgrade ?? null,
          // Without this, a body on a GET would cost its connection.
          reset: false,
          ...(destination.servername === undefined ? {} : { servername: destination.servername }),
        } as Dispatcher.DispatchOptions,
        handler,
      );
    },
    async connect(hostname, port) {
      const chained = await openSocket(hostname, port, 'https:');
      const socket = chained ?? (await openTcp(hostname, port, options.timeoutMs));
      if (!leadsTo(socket, options.reserved)) return socket;
      socket.destroy();
      throw forbiddenError(hostname, port);
    },
    async close() {
      await agent.destroy();
      await Promise.all([...proxies.values()].map((pool) => pool.destroy()));
    },
  };
}

const maxHeaderBytes = 256 * 1024;

/** Whoever is told about the next request that undici writes; see {@link onNextSocket}. */
let waiting: ((socket: Socket) => void) | undefined;

subscribe('undici:client:sendHeaders', (message) => {
  const listener = waiting;
  waiting = undefined;
  listener?.((message as { socket: Socket }).socket);
});

/**
 * Tells which socket a request is about to be written to: undici calls a handler's `onConnect` and
 * publishes `undici:client:sendHeaders` one after the other in one turn, so what is asked for in the
 * first is answered by the second.
 */
export function onNextSocket(listener: (socket: Socket) => void): void {
  waiting = listener;
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

function withoutPort80(origin: string): string {
  return origin.replace(/:80$/, '');
}
