import type { Socket } from 'node:net';
import type { Observer } from '../exchange.ts';
import { isLoopback } from '../http/loopback.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { type Answerer, createAnswering } from './answering.ts';
import { type Authority, type AuthorityFiles, openAuthority } from './authority.ts';
import { createClientAccess } from './client-access.ts';
import { mostClients } from './client-limit.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connections } from './connections.ts';
import type { ClientCertificate, HostTest } from './connectors.ts';
import { parseAuthority } from './destination.ts';
import { createEntrance } from './entrance.ts';
import type { FrontOptions } from './front.ts';
import { createHandler, type Whose } from './handler.ts';
import {
  addressFor,
  formatHost,
  isOwnAddress,
  isReserved,
  listen,
  type Reserved,
} from './listening.ts';
import { openGivenAuthority } from './own-authority.ts';
import { pageHost } from './pages.ts';
import type { ReverseTarget } from './reverse.ts';
import { passThrough } from './tunnel.ts';
import { createUpstreams } from './upstream.ts';

export type { Answer, AnswerableRequest, Answerer } from './answering.ts';
export { type ClientCertificate, trustedRoots } from './connectors.ts';

export type ProxyOptions = {
  /** 0 picks a free port. */
  readonly port: number;
  /** Listen address; 127.0.0.1 by default. */
  readonly bind?: string;
  /** pmproxy's home folder, which holds its certificate authority. */
  readonly home: string;
  /** The certificate authority to use instead of pmproxy's own. */
  readonly authority?: AuthorityFiles;
  readonly via?: URL | 'ambient' | 'none';
  readonly insecure?: HostTest;
  readonly trust?: readonly string[];
  readonly clientCertificates?: readonly ClientCertificate[];
  readonly passthrough?: HostTest;
  readonly timeoutMs?: number;
  /** The clock that measures how long a client or server is silent; real time by default. */
  readonly clock?: Clock;
  /** Places that no request may reach, under any name: it is answered 403. */
  readonly reserved?: readonly Reserved[];
  /** Servers that are reached through the proxy's own address. */
  readonly targets?: readonly ReverseTarget[];
  /** `user:password` that clients must send. */
  readonly proxyAuth?: string;
  /** Answers in the servers' place. Without `forwards`, no connection is opened and no name is resolved. */
  readonly answering?: { readonly answerer: Answerer; readonly forwards: boolean };
  /** Observes traffic. */
  readonly observer?: Observer;
  /** Changes header lines in transit. */
  readonly rewriter?: Rewriter;
  /** Receives notices for the user, each one sentence, that no answer contains. */
  readonly onNotice?: (notice: Notice) => void;
};

export type Notice = {
  readonly kind: 'untrusted' | 'tls' | 'tunnel' | 'crowded' | 'internal';
  readonly host: string;
  readonly error: Error;
};

export type RunningProxy = {
  readonly port: number;
  /** `http://127.0.0.1:8080`, the URL for clients. */
  readonly url: string;
  readonly authority: Authority;
  /** Active exchanges. */
  readonly inFlight: number;
  /**
   * Accepts a connection whose destination is known without a CONNECT.
   *
   * @param target `host:port` or `[v6]:port`
   */
  tunnel(socket: Socket, target: string): void;
  /** Loads what serves clients, for which the first connection waits otherwise. */
  warmUp(): void;
  /**
   * Stops accepting, waits for the active exchanges, then aborts the remaining ones.
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
  const authority = await openProxyAuthority(options);
  const { bind = '127.0.0.1', timeoutMs = 120_000, observer = deaf, rewriter } = options;
  const { clock = systemClock } = options;
  const notice = options.onNotice ?? (() => {});
  const onBug = (error: Error) => notice({ kind: 'internal', host: '', error });
  let port = 0;
  const isSelf = (hostname: string, toPort: number) =>
    toPort === port && isOwnAddress(hostname, bind);
  const reserved = options.reserved ?? [];
  // Called for every request, and almost never needs a look-up.
  const whose = (hostname: string, toPort: number): Whose | Promise<Whose> => {
    if (hostname === pageHost) return 'page';
    if (toPort !== port && !reserved.some((place) => place.port === toPort)) return 'others';
    if (options.answering?.forwards === false) return isLoopback(hostname) ? 'own' : 'others';
    return (async () => {
      if (await isSelf(hostname, toPort)) return 'own';
      return (await isReserved(hostname, toPort, reserved)) ? 'reserved' : 'others';
    })();
  };
  const connections = new Connections();
  const servers = createUpstreams({
    connections,
    via: options.via ?? 'ambient',
    insecure: options.insecure ?? (() => false),
    trust: options.trust ?? [],
    clientCertificates: options.clientCertificates ?? [],
    timeoutMs,
    isSelf,
    reserved,
  });
  const { answering } = options;
  const upstreams = answering
    ? createAnswering(answering.answerer, answering.forwards ? servers : undefined)
    : servers;
  const access =
    options.proxyAuth === undefined ? undefined : createClientAccess(options.proxyAuth);
  const handler = createHandler({
    access,
    authority,
    upstreams,
    observer,
    rewriter,
    timeoutMs,
    clock,
    whose,
    targets: options.targets ?? [],
    address: ({ reachedAt }) => `${addressFor(bind, reachedAt)}:${port}`,
    onBug,
  });
  const most = mostClients();
  const frontOptions: FrontOptions = {
    access,
    authority,
    most,
    passthrough: options.passthrough,
    timeoutMs,
    clock,
    onRequest: handler.request,
    onUpgrade: handler.upgrade,
    onFailure: (host, error, distrusted) =>
      notice({ kind: distrusted ? 'untrusted' : 'tls', host, error }),
    onPassthrough(socket, hostname, toPort) {
      const host = `${hostname}:${toPort}`;
      const tell = (error: Error) => notice({ kind: 'tunnel', host, error });
      void passThrough(socket, hostname, toPort, upstreams, timeoutMs, tell);
    },
    async call(tunnel) {
      const target = parseAuthority(tunnel, 443);
      return upstreams.connect(target.hostname, target.port);
    },
  };
  const entrance = createEntrance(async () => {
    const { createFront } = await import('./front.ts');
    const front = await createFront(frontOptions);
    // Emitted once per layer of a connection; the connection in a tunnel over HTTP/2 is a stream.
    front.server.on('connection', (socket) => void connections.add(socket));
    return front;
  }, onBug);
  entrance.server.maxConnections = most;
  entrance.server.on('drop', () => {
    const error = new Error(
      `${most} clients are connected, the most that the limit of open files allows`,
    );
    notice({ kind: 'crowded', host: '', error });
  });
  port = await listen(entrance.server, options.port, bind);
  return {
    port,
    url: `http://${formatHost(bind)}:${port}`,
    authority,
    tunnel: entrance.tunnel,
    warmUp: () => void entrance.load(),
    get inFlight() {
      return handler.inFlight;
    },
    async close(graceMs, hurry) {
      const stopped = entrance.stop();
      if (graceMs > 0 && !hurry?.aborted) await stopped;
      await handler.idle(graceMs, hurry);
      observer.stop();
      upstreams.close();
      await connections.close();
    },
  };
}

/**
 * Opens the certificate authority that a proxy with these options uses.
 *
 * @throws UserError when it cannot be used
 */
export function openProxyAuthority({
  authority,
  home,
}: Pick<ProxyOptions, 'authority' | 'home'>): Promise<Authority> {
  return authority ? openGivenAuthority(authority) : openAuthority(home);
}

const deaf: Observer = {
  begin: () => undefined,
  congested: false,
  onceDrained: (resume) => resume(),
  stop: () => {},
};
