import type { Socket } from 'node:net';
import { proxyAuthorization } from './chained-proxy.ts';
import type { Destination } from './destination.ts';
import { HttpVersions, type KnownVersion } from './http-versions.ts';
import { UpstreamConnection } from './http1/connection.ts';
import { outgoingHeaders } from './http1/outgoing-headers.ts';
import { createPool } from './http1/pool.ts';
import { requestHead } from './http1/request-head.ts';
import { Http2Exchange } from './http2/exchange.ts';
import { openHttp2, refusesHttp1 } from './http2/opening.ts';
import { createSessionPool } from './http2/pool.ts';
import { requestHeaders } from './http2/request-head.ts';
import type { OutgoingRequest, UpstreamListener } from './upstream-exchange.ts';
import { createUpstreamSockets, type UpstreamOptions } from './upstream-sockets.ts';

/** The upstream side: kept-alive connections, shared between all clients. */
export type Upstreams = {
  /**
   * Sends one request; the listener receives the answer, never before this returns if a connection has to be opened.
   *
   * HTTP/2 is used for an HTTP/2 client if the server supports it, and for an HTTP/1.1 client only if the server requires it.
   *
   * @throws UnsendableRequest when no version of HTTP can carry it
   */
  send(destination: Destination, request: OutgoingRequest, listener: UpstreamListener): void;
  /** Opens a raw connection, through the chained proxy if there is one. */
  connect(hostname: string, port: number): Promise<Socket>;
  /** Closes the connections kept for later requests. */
  close(): void;
};

/** Makes the upstream side. */
export function createUpstreams(options: UpstreamOptions): Upstreams {
  const sockets = createUpstreamSockets(options);
  const connections = createPool();
  const sessions = createSessionPool(options.timeoutMs);
  const versions = new HttpVersions();

  /** @param opened a connection that speaks HTTP/1.1, if one has just been opened */
  function sendHttp1(
    destination: Destination,
    request: OutgoingRequest,
    listener: UpstreamListener,
    opened?: Socket,
  ): void {
    const { method, body, upgrade } = request;
    const forward = upgrade ? undefined : sockets.forwarder(destination);
    const target = forward ? absoluteForm(destination) : destination.path;
    const lines = outgoingHeaders(request.headers, destination.host, body, upgrade);
    if (forward) lines.push(...proxyAuthorization(forward));
    const wire = { method, body, upgrade, head: requestHead(method, target, lines) };
    const place = forward?.origin ?? placeOf(destination);
    const start = (connection: UpstreamConnection) => {
      if (listener.onOpen(connection)) connection.send(wire, listener);
      else connection.abort();
    };
    const free = (connection: UpstreamConnection) => connections.put(place, connection);
    const kept = opened ? new UpstreamConnection(opened, free) : connections.take(place);
    if (kept) {
      start(kept);
      return;
    }
    sockets.open(destination, ['http/1.1'], forward).then(
      (socket) => start(new UpstreamConnection(socket, free)),
      (error: Error) => {
        if (upgrade || !refusesHttp1(error)) {
          listener.onError(error);
          return;
        }
        remember(destination, 'h2-only');
        later(listener, () => sendHttp2(destination, request, listener));
      },
    );
  }

  function sendHttp2(
    destination: Destination,
    request: OutgoingRequest,
    listener: UpstreamListener,
  ): void {
    const { method, headers, body } = request;
    const place = placeOf(destination);
    const head = requestHeaders(method, destination, headers, body !== 'none');
    const findSession = (exchange: Http2Exchange) => {
      sessions.acquire(place, {
        open: () => openHttp2(sockets, destination, options.timeoutMs),
        onSession: (session) => exchange.start(session),
        onHttp1: (socket) => {
          remember(destination, 'http/1.1');
          later(listener, () => sendHttp1(destination, request, listener, socket));
        },
        onError: (error) => exchange.fail(error),
      });
    };
    const exchange = new Http2Exchange(head, body !== 'none', listener, {
      onRefused: findSession,
      onHttp1Required: () => remember(destination, 'http/1.1'),
    });
    findSession(exchange);
  }

  function remember(destination: Destination, version: KnownVersion): void {
    const { secure, clear } = rememberMs;
    versions.set(placeOf(destination), version, destination.encrypted ? secure : clear);
  }

  return {
    send(destination, request, listener) {
      const known = versions.isEmpty ? undefined : versions.get(placeOf(destination));
      const prefersHttp2 = request.isHttp2 ? known !== 'http/1.1' : known === 'h2-only';
      if (prefersHttp2 && !request.upgrade) sendHttp2(destination, request, listener);
      else sendHttp1(destination, request, listener);
    },
    connect: sockets.openTunnel,
    close() {
      connections.clear();
      sessions.close();
    },
  };
}

/** How long a server's HTTP version is remembered, in milliseconds. Developers often restart servers in clear text. */
const rememberMs = { secure: 600_000, clear: 30_000 } as const;

/** Sends when no caller catches errors. */
function later(listener: UpstreamListener, send: () => void): void {
  try {
    send();
  } catch (error) {
    listener.onError(error as Error);
  }
}

function placeOf({ origin, servername }: Destination): string {
  return `${origin} ${servername ?? ''}`;
}

function absoluteForm({ origin, path }: Destination): string {
  return `${origin.replace(/:80$/, '')}${path === '*' ? '' : path}`;
}
