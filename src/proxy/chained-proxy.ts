import type { Socket } from 'node:net';
import { getProxyForUrl } from 'proxy-from-env';
import { UserError } from '../errors.ts';
import type { Header } from '../exchange.ts';
import { UpstreamConnection } from './http1/connection.ts';
import { requestHead } from './http1/request-head.ts';

/** Where to find another proxy to use. */
export type ChainOptions = {
  /** Another proxy for everything (http, https, socks5); `ambient` reads HTTP_PROXY and similar. */
  readonly via: URL | 'ambient' | 'none';
  /** Whether this address belongs to pmproxy. */
  readonly isSelf: (hostname: string, port: number) => boolean | Promise<boolean>;
};

type ProxyFinder = (protocol: string, hostname: string, port: number) => URL | undefined;

/**
 * Finds the proxy for a destination, if there is one.
 *
 * @returns a finder, which throws a UserError when the environment holds an invalid URL
 */
export function proxyFinder(options: ChainOptions): ProxyFinder {
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
      // pmproxy may be started from a shell that is set up to use pmproxy.
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
      `The environment names ${JSON.stringify(found)} as a proxy, which is not a URL.`,
      {
        cause,
        hint: 'Try: --no-upstream',
      },
    );
  }
}

function isOwn(proxy: URL, options: ChainOptions): boolean {
  const hostname = proxy.hostname === 'localhost' ? '127.0.0.1' : proxy.hostname;
  return options.isSelf(hostname, portOf(proxy)) === true;
}

/** Whether this is the proxy itself, which must not be chained to itself. */
export function isAddressOf(proxy: URL, hostname: string, port: number): boolean {
  return proxy.hostname === hostname && portOf(proxy) === port;
}

/** A proxy's port, or its scheme's default. */
export function portOf(proxy: URL): number {
  if (proxy.port !== '') return Number(proxy.port);
  if (proxy.protocol.startsWith('socks')) return 1080;
  return proxy.protocol === 'https:' ? 443 : 80;
}

/** A proxy's name, or its address without brackets. */
export function hostOf(proxy: URL): string {
  return proxy.hostname.replace(/^\[|\]$/g, '');
}

/** The header line with a proxy's credentials (RFC 9110 11.7.1), if it has any. */
export function proxyAuthorization(proxy: URL): Header[] {
  if (proxy.username === '') return [];
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return [['Proxy-Authorization', `Basic ${Buffer.from(credentials).toString('base64')}`]];
}

/**
 * Opens a tunnel through an HTTP proxy (RFC 9110 9.3.6).
 *
 * @param socket connected to the proxy
 * @param timeoutMs how long to wait for an answer
 */
export function throughConnect(
  socket: Socket,
  proxy: URL,
  hostname: string,
  port: number,
  timeoutMs: number,
): Promise<Socket> {
  const target = hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  const headers: Header[] = [['Host', target], ...proxyAuthorization(proxy)];
  return new Promise((resolve, reject) => {
    const connection = new UpstreamConnection(socket, () => {});
    const refuse = (error: Error) => {
      clearTimeout(timer);
      connection.abort();
      reject(error);
    };
    const timer = setTimeout(() => {
      refuse(
        Object.assign(new Error(`The proxy ${proxy.host} did not respond`), { code: 'ETIMEDOUT' }),
      );
    }, timeoutMs);
    const head = requestHead('CONNECT', target, headers);
    connection.send(
      { method: 'CONNECT', head, body: 'none', upgrade: false },
      {
        onSent: ignore,
        onDrain: ignore,
        onCut: ignore,
        onInterim: ignore,
        onData: ignore,
        onEnd: ignore,
        onSwitch: (_head, opened: Socket) => {
          clearTimeout(timer);
          resolve(opened);
        },
        onHead: ({ status }) =>
          refuse(new Error(`The proxy ${proxy.host} answered ${status} when asked for ${target}`)),
        onError: refuse,
      },
    );
  });
}

const ignore = () => {};

/**
 * Opens a tunnel through a SOCKS proxy, which resolves the name (RFC 1928).
 *
 * @param socket connected to the proxy
 * @param timeout in milliseconds
 */
export async function throughSocks(
  socket: Socket,
  proxy: URL,
  hostname: string,
  port: number,
  timeout: number,
): Promise<Socket> {
  const { SocksClient } = await import('socks');
  await SocksClient.createConnection({
    existing_socket: socket,
    proxy: {
      host: hostOf(proxy),
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
