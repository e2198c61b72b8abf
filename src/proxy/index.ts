import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { errorCode, UserError } from '../errors.ts';
import { type Header, headerValue, type Observer, type Tap } from '../exchange.ts';
import type { Rewriter, Rewriting } from '../rewrite/rewriter.ts';
import { Roster } from '../roster.ts';
import {
  breakOff,
  type ClientRequest,
  type ClientResponse,
  closing,
  isHttp2,
  lingerOn,
  refuse,
  sendPage,
  writeHead,
} from './answer.ts';
import { type Authority, openAuthority } from './authority.ts';
import { BadRequest, type Destination, destinationOf, parseAuthority } from './destination.ts';
import type { Context } from './front.ts';
import { joinCookieCrumbs, pairHeaders } from './headers.ts';
import { failurePage, ownPage } from './pages.ts';
import { Relay } from './relay.ts';
import { hasBody } from './request-body.ts';
import { passThrough } from './tunnel.ts';
import { type ClientCertificate, createUpstreams, type HostTest } from './upstream.ts';
import { isWebSocketHandshake, relayWebSocket, responseOn } from './websocket.ts';

export { type Authority, authorityFiles, openAuthority } from './authority.ts';
export type { ClientCertificate, HostTest } from './upstream.ts';

export type ProxyOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Listen address; 127.0.0.1 unless said otherwise. */
  readonly bind?: string;
  /** pmproxy's home folder, where its certificate authority lives. */
  readonly home: string;
  readonly via?: URL | 'ambient' | 'none';
  readonly insecure?: HostTest;
  readonly trust?: readonly string[];
  readonly clientCertificates?: readonly ClientCertificate[];
  readonly passthrough?: HostTest;
  readonly timeoutMs?: number;
  /** Told what passes. */
  readonly observer?: Observer;
  /** Changes header lines on their way. */
  readonly rewriter?: Rewriter;
  /** Told in a sentence about what a person may want to know but nobody is answered with. */
  readonly onNotice?: (notice: Notice) => void;
};

export type Notice = {
  readonly kind: 'untrusted' | 'tls' | 'tunnel' | 'internal';
  readonly host: string;
  readonly error: Error;
};

export type RunningProxy = {
  readonly port: number;
  /** `http://127.0.0.1:8080`, as clients are told. */
  readonly url: string;
  readonly authority: Authority;
  /** Exchanges under way. */
  readonly inFlight: number;
  /**
   * Stops accepting, waits for the exchanges under way, then breaks off what is left.
   * @param graceMs how long to wait
   * @param hurry cuts the wait short
   */
  close(graceMs: number, hurry?: AbortSignal): Promise<void>;
};

/**
 * Starts a proxy.
 *
 * @throws UserError when the port is taken (its `cause` has the code EADDRINUSE) or the address is
 *   not this machine's, or the certificate authority cannot be used
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  // Importing the front costs most of the start; nothing else waits for it.
  const [authority, { createFront }] = await Promise.all([
    openAuthority(options.home),
    import('./front.ts'),
  ]);
  const bind = options.bind ?? '127.0.0.1';
  const timeoutMs = options.timeoutMs ?? 120_000;
  const observer = options.observer ?? deaf;
  const notice = options.onNotice ?? (() => {});
  const passing = new Roster<Relay>();
  const sockets = new Set<Duplex>();
  let whenIdle: (() => void) | undefined;
  let port = 0;

  const isSelf = (hostname: string, toPort: number) =>
    toPort === port && isOwnAddress(hostname, bind);
  const upstreams = createUpstreams({
    via: options.via ?? 'ambient',
    insecure: options.insecure ?? (() => false),
    trust: options.trust ?? [],
    clientCertificates: options.clientCertificates ?? [],
    timeoutMs,
    isSelf,
  });

  const over = (relay: Relay) => {
    passing.delete(relay);
    if (passing.size === 0) whenIdle?.();
  };

  function carry(
    request: ClientRequest,
    response: ClientResponse,
    context: Context,
    destination: Destination,
    received: readonly Header[],
    upgrade?: { socket: Socket; head: Buffer; detach: () => void },
  ): void {
    const method = request.method ?? 'GET';
    const rewriting = options.rewriter?.({ method, url: destination.url, headers: received });
    if (rewriting && rewriting.kind !== 'headers') {
      answerInPlace(response, rewriting);
      return;
    }
    const headers = rewriting?.headers ?? received;
    const tap = observer.begin({
      method,
      url: destination.url,
      httpVersion: request.httpVersion,
      headers,
      startedAt: Date.now(),
      client: context.client,
      ...(rewriting && rewriting.names.length > 0 && { rewritten: rewriting.names }),
    });
    const onOver = () => over(relay);
    const relay: Relay = new Relay({
      request,
      response,
      destination: rewriting ? withHost(destination, rewriting) : destination,
      headers,
      tap,
      upstreams,
      observer,
      timeoutMs,
      expectsContinue: context.expectsContinue,
      onOver,
      ...(rewriting && { rewriteAnswer: rewriting.response }),
      ...(upgrade && { onUpgrade: openWebSocket(upgrade, destination, tap, observer, onOver) }),
    });
    passing.add(relay);
    relay.start();
  }

  function handle(
    request: ClientRequest,
    response: ClientResponse,
    context: Context,
    upgrade?: { socket: Socket; head: Buffer; detach: () => void },
  ): void {
    try {
      const received = pairHeaders(request.rawHeaders);
      const headers = 'stream' in request ? joinCookieCrumbs(received) : received;
      const authorityHeader = 'authority' in request ? request.authority : undefined;
      const target = targetOf(request, context);
      const destination = destinationOf(target, headers, context.route, authorityHeader);
      const self = destination === undefined || isSelf(destination.hostname, destination.port);
      const go = (own: boolean) => {
        if (own || destination === undefined) answerOurselves(target, response);
        else carry(request, response, context, destination, headers, upgrade);
      };
      if (typeof self === 'boolean') go(self);
      else void self.catch(() => false).then(safely(go, () => breakOff(response)));
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      if (!isHttp2(response) && hasBody(request)) lingerOn(request);
      sendPage(response, 400, failurePage(400, error.message), closing(response));
    }
  }

  function answerOurselves(target: string, response: ClientResponse): void {
    const path = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
    const page = ownPage(path, authority, `${formatHost(bind)}:${port}`);
    if (page) sendPage(response, 200, page);
    else
      sendPage(response, 404, failurePage(404, `There is nothing at ${path} on the proxy itself`));
  }

  const safely = <T extends unknown[]>(
    handler: (...args: T) => void,
    fail: (...args: T) => void,
  ) => {
    return (...args: T) => {
      try {
        handler(...args);
      } catch (error) {
        // A bug of ours costs this one request, never the process.
        notice({ kind: 'internal', host: '', error: error as Error });
        fail(...args);
      }
    };
  };

  const front = await createFront({
    authority,
    passthrough: options.passthrough,
    timeoutMs,
    onRequest: safely(handle, (_request, response) => breakOff(response)),
    onUpgrade: safely(
      (request: IncomingMessage, socket: Socket, head: Buffer, context: Context) => {
        if (!isWebSocketHandshake(request)) {
          refuse(socket, 400, 'This is not a WebSocket handshake (RFC 6455 4.2.1).');
          return;
        }
        const response = responseOn(request, socket);
        handle(request, response, context, {
          socket,
          head,
          detach: () => response.detachSocket(socket),
        });
      },
      (_request, socket) => socket.destroy(),
    ),
    onFailure: (host, error, distrusted) =>
      notice({ kind: distrusted ? 'untrusted' : 'tls', host, error }),
    onPassthrough: (socket, hostname, toPort) => {
      const tell = (error: Error) =>
        notice({ kind: 'tunnel', host: `${hostname}:${toPort}`, error });
      void passThrough(socket, hostname, toPort, upstreams, tell);
    },
    call: async (tunnel) => {
      const target = parseAuthority(tunnel, 443);
      return upstreams.connect(target.hostname, target.port);
    },
  });
  front.server.on('connection', (socket: Duplex) => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  port = await listen(front.server, options.port, bind);
  return {
    port,
    url: `http://${formatHost(bind)}:${port}`,
    authority,
    get inFlight() {
      return passing.size;
    },
    async close(graceMs, hurry) {
      front.stop();
      if (passing.size > 0 && graceMs > 0 && !hurry?.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, graceMs);
          whenIdle = () => {
            clearTimeout(timer);
            resolve();
          };
          hurry?.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      observer.stop();
      await Promise.all([...sockets].map(destroyed));
      await upstreams.close();
    },
  };
}

// The sockets of a tunnel in a tunnel are HTTP/2 streams.
function destroyed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', resolve).destroy();
  });
}

const deaf: Observer = {
  begin: () => undefined,
  congested: false,
  onceDrained: (resume) => resume(),
  stop: () => {},
};

function openWebSocket(
  upgrade: { socket: Socket; head: Buffer; detach: () => void },
  destination: Destination,
  tap: Tap | undefined,
  observer: Observer,
  onOver: () => void,
) {
  return (status: number, headers: readonly Header[], upstream: Socket) => {
    upgrade.detach();
    const name = `${destination.hostname}:${destination.port}`;
    const { socket: client, head } = upgrade;
    relayWebSocket({ client, upstream, status, headers, head, tap, observer, name, onOver });
  };
}

// Outside a tunnel the pseudo-headers of HTTP/2 say what absolute-form does (RFC 9113 8.3.1).
function targetOf(request: ClientRequest, { route }: Context): string {
  const path = request.url ?? '';
  const whole = 'scheme' in request && route.tunnel === undefined && request.authority !== '';
  return whole ? `${request.scheme}://${request.authority}${path}` : path;
}

/** Answers in the upstream's place: a preflight, or a marked header that cannot be set. */
function answerInPlace(
  response: ClientResponse,
  rewriting: Exclude<Rewriting, { kind: 'headers' }>,
): void {
  if (rewriting.kind === 'refusal') {
    sendPage(response, 400, failurePage(400, rewriting.message), rewriting.headers);
    return;
  }
  writeHead(response, rewriting.status, 'No Content', rewriting.headers);
  response.end();
}

// A Host that was asked for does not change where the connection goes.
function withHost(
  destination: Destination,
  { headers, names }: Extract<Rewriting, { kind: 'headers' }>,
): Destination {
  const host = names.some((name) => name.toLowerCase() === 'host') && headerValue(headers, 'host');
  return host ? { ...destination, host } : destination;
}

async function listen(
  server: import('node:net').Server,
  port: number,
  bind: string,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: bind }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: Error) => {
    const code = errorCode(error);
    if (code === 'EADDRINUSE')
      throw new UserError(`Port ${port} is already in use.`, { cause: error });
    if (code === 'EACCES')
      throw new UserError(`Port ${port} may not be used by this account.`, { cause: error });
    throw new UserError(`Cannot listen on ${bind}:${port}: ${error.message}`, {
      cause: error,
      hint: 'Try: --bind 127.0.0.1',
    });
  });
  return (server.address() as AddressInfo).port;
}

// Whether a request for this host and our port would come straight back to us. Names are resolved
// only then, when the port is ours.
function isOwnAddress(hostname: string, bind: string): boolean | Promise<boolean> {
  if (isIP(hostname) !== 0) return isBound(hostname, bind);
  return lookup(hostname, { all: true }).then((addresses) =>
    addresses.some(({ address }) => isBound(address, bind)),
  );
}

function isBound(address: string, bind: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  if (plain === bind || plain === '0.0.0.0' || plain === '::') return true;
  if (bind !== '0.0.0.0' && bind !== '::') return bind === 'localhost' && isLoopback(plain);
  if (isLoopback(plain)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => entry.address === plain),
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function formatHost(bind: string): string {
  const host = bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind;
  return host.includes(':') ? `[${host}]` : host;
}
