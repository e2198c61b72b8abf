import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { SocksClient } from 'socks';
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici';
import { UserError } from '../errors.ts';
import type { Destination } from './destination.ts';
import { discardContinue } from './unasked-continue.ts';

/** Picks hosts: a name or an address without brackets, and the port. */
export type HostTest = (hostname: string, port: number) => boolean;

/** Where requests go out, and whom pmproxy trusts there. */
export type UpstreamOptions = {
  /** Another proxy for everything (http, https, socks5); `ambient` reads HTTP_PROXY and its kin. */
  readonly via: URL | 'ambient' | 'none';
  /** Hosts whose certificate is not checked. */
  readonly insecure: HostTest;
  /** PEM text of further certificate authorities; Node's and the system's stay trusted. */
  readonly trust: readonly string[];
  readonly clientCertificates: readonly ClientCertificate[];
  /** Milliseconds until a silent upstream is given up. */
  readonly timeoutMs: number;
  /** Whether this address is one of pmproxy's own. */
  readonly isSelf: (hostname: string, port: number) => boolean | Promise<boolean>;
};

export type ClientCertificate = {
  readonly matches: HostTest;
  readonly identity: { readonly cert: string; readonly key: string } | { readonly pfx: Buffer };
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

type Connector = buildConnector.connector;

/**
 * Makes the way out.
 *
 * @throws UserError when a client certificate or a trusted authority cannot be used
 */
export function createUpstreams(options: UpstreamOptions): Upstreams {
  const connectors = createConnectors(options);
  const proxyFor = proxyFinder(options);
  const proxies = new Map<string, Pool>();

  const connect: Connector = (target, told) => {
    const done: buildConnector.Callback = (...result) => {
      if (result[1]) discardContinue(result[1]);
      told(...result);
    };
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
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
      const socket = await openSocket(hostname, port, 'https:');
      return socket ?? openTcp(hostname, port, options.timeoutMs);
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

function createConnectors(options: UpstreamOptions) {
  const made = new Map<string, Connector>();
  return {
    forHost(hostname: string, port: number): Connector {
      const insecure = options.insecure(hostname, port);
      const index = options.clientCertificates.findIndex((entry) => entry.matches(hostname, port));
      const key = `${insecure}${index}`;
      let connector = made.get(key);
      if (connector === undefined) {
        const identity = options.clientCertificates[index]?.identity;
        connector = makeConnector(insecure, identity, options);
        made.set(key, connector);
      }
      return connector;
    },
  };
}

function makeConnector(
  insecure: boolean,
  identity: ClientCertificate['identity'] | undefined,
  options: UpstreamOptions,
): Connector {
  let secureContext: SecureContext | undefined;
  const plain = buildConnector({ timeout: options.timeoutMs, autoSelectFamily: true });
  let secure: Connector | undefined;
  return (target, done) => {
    if (target.protocol !== 'https:') return plain(target, done);
    // Parsing some 280 roots takes tens of milliseconds: once, and not before it is needed.
    secureContext ??= createSecureContext({ ca: trustedRoots(options.trust), ...identity });
    secure ??= buildConnector({
      timeout: options.timeoutMs,
      autoSelectFamily: true,
      secureContext,
      rejectUnauthorized: !insecure,
    });
    return secure(target, done);
  };
}

// As other programs on this machine do: Node's roots, the system's, what the environment adds.
function trustedRoots(extra: readonly string[]): string[] {
  const system = systemRootFiles.map(readIfThere).find((text) => text !== undefined);
  const ambient = readIfThere(process.env['NODE_EXTRA_CA_CERTS']);
  return [...rootCertificates, system, ambient, ...extra].filter((text) => text !== undefined);
}

const systemRootFiles = [
  process.env['SSL_CERT_FILE'],
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

function readIfThere(path: string | undefined): string | undefined {
  try {
    return path ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

type ProxyFinder = (protocol: string, hostname: string, port: number) => URL | undefined;

function proxyFinder(options: UpstreamOptions): ProxyFinder {
  const { via } = options;
  if (via instanceof URL) return () => via;
  if (via === 'none' || !hasAmbientProxy()) return () => undefined;
  const known = new Map<string, URL | undefined>();
  return (protocol, hostname, port) => {
    const name = hostname.includes(':') ? `[${hostname}]` : hostname;
    const key = `${protocol}//${name}:${port}`;
    if (!known.has(key)) {
      if (known.size > 10_000) known.clear();
      const proxy = ambientProxy(key);
      // A shell that is set up to use pmproxy may well be the one that starts it.
      known.set(key, proxy && isOwn(proxy, options) ? undefined : proxy);
    }
    return known.get(key);
  };
}

function hasAmbientProxy(): boolean {
  return Object.entries(process.env).some(([name, value]) => /_proxy$/i.test(name) && value);
}

function ambientProxy(url: string): URL | undefined {
  const found = getProxyForUrl(url);
  if (found === '') return undefined;
  try {
    return new URL(found);
  } catch (cause) {
    throw new UserError(
      `The environment names ${JSON.stringify(found)} as a proxy, which is no URL.`,
      {
        cause,
        hint: 'Try: --no-upstream',
      },
    );
  }
}

function isOwn(proxy: URL, options: UpstreamOptions): boolean {
  const hostname = proxy.hostname === 'localhost' ? '127.0.0.1' : proxy.hostname;
  return options.isSelf(hostname, portOf(proxy)) === true;
}

function isAddressOf(proxy: URL, hostname: string, port: number): boolean {
  return proxy.hostname === hostname && portOf(proxy) === port;
}

function portOf(proxy: URL): number {
  if (proxy.port !== '') return Number(proxy.port);
  if (proxy.protocol.startsWith('socks')) return 1080;
  return proxy.protocol === 'https:' ? 443 : 80;
}

function withoutPort80(origin: string): string {
  return origin.replace(/:80$/, '');
}

function proxyAuthorization(proxy: URL): string[] {
  if (proxy.username === '') return [];
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return ['proxy-authorization', `Basic ${Buffer.from(credentials).toString('base64')}`];
}

async function throughConnect(
  pool: Pool,
  proxy: URL,
  hostname: string,
  port: number,
): Promise<Socket> {
  const path = hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const { socket, statusCode } = await pool.connect({
    path,
    headers: ['host', path, ...proxyAuthorization(proxy)] as unknown as Record<string, string>,
  });
  if (statusCode === 200) return socket as Socket;
  socket.on('error', () => {}).destroy();
  throw new Error(`The proxy ${proxy.host} answered ${statusCode} when asked for ${path}`);
}

async function throughSocks(
  proxy: URL,
  hostname: string,
  port: number,
  timeout: number,
): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    proxy: {
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: portOf(proxy),
      type: proxy.protocol.startsWith('socks4') ? 4 : 5,
      ...(proxy.username === '' ? {} : { userId: decodeURIComponent(proxy.username) }),
      ...(proxy.password === '' ? {} : { password: decodeURIComponent(proxy.password) }),
    },
    command: 'connect',
    destination: { host: hostname, port },
    timeout,
  });
  return socket;
}

function openTcp(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, autoSelectFamily: true, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
