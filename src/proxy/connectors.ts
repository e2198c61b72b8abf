import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { errorCode } from '../errors.ts';
import type { Connections } from './connections.ts';

/** Picks hosts: a name or an address without brackets, and the port. */
export type HostTest = (hostname: string, port: number) => boolean;

export type ClientCertificate = {
  readonly matches: HostTest;
  readonly identity: { readonly cert: string; readonly key: string } | { readonly pfx: Buffer };
};

export type ConnectorOptions = {
  /** Hosts whose certificate is not checked. */
  readonly insecure: HostTest;
  /** PEM text of additional certificate authorities; Node's and the system's stay trusted. */
  readonly trust: readonly string[];
  readonly clientCertificates: readonly ClientCertificate[];
  /** The connection timeout in milliseconds. */
  readonly timeoutMs: number;
  /** Tracks every connection from the first attempt. */
  readonly connections: Connections;
};

/** Opens connections. */
export type Connectors = {
  /**
   * Opens a plain connection.
   *
   * @param more further options of the socket
   */
  openTcp(
    hostname: string,
    port: number,
    more?: Pick<TcpNetConnectOpts, 'onread'>,
  ): Promise<Socket>;
  /**
   * Opens TLS on a connection.
   *
   * @param servername for the handshake; the certificate must match it, or `hostname` if it is absent
   * @param alpn the offered protocols (RFC 7301), the preferred one first
   */
  openTls(
    socket: Socket,
    hostname: string,
    port: number,
    servername: string | undefined,
    alpn: readonly string[],
  ): Promise<TLSSocket>;
};

/** Makes the connectors. */
export function createConnectors(options: ConnectorOptions): Connectors {
  const { connections, timeoutMs } = options;
  const sessions = createSessions();
  const contexts = new Map<number, SecureContext>();

  // Parsing some 280 roots takes tens of milliseconds, so it is done once, on demand.
  const contextFor = (hostname: string, port: number): SecureContext => {
    const index = options.clientCertificates.findIndex((entry) => entry.matches(hostname, port));
    let context = contexts.get(index);
    if (context === undefined) {
      const identity = options.clientCertificates[index]?.identity;
      context = createSecureContext({ ca: trustedRoots(options.trust), ...identity });
      contexts.set(index, context);
    }
    return context;
  };

  return {
    async openTcp(host, port, more) {
      const connectOnce = (target: TcpNetConnectOpts) =>
        connected(connections.add(connectTcp(target)), 'connect', timeoutMs);
      const target = { host, port, noDelay: true, autoSelectFamily: true, ...more };
      return connectOnce(target).catch((error) => {
        if (!wasHurried(error)) throw error;
        return connectOnce({ ...target, autoSelectFamilyAttemptTimeout: 5000 });
      });
    },
    openTls(socket, host, port, servername = isIP(host) === 0 ? host : '', alpn) {
      const place = `${host}:${port} ${servername}`;
      const session = sessions.of(place);
      const secure = connectTls({
        socket,
        host,
        servername,
        secureContext: contextFor(host, port),
        ALPNProtocols: [...alpn],
        rejectUnauthorized: !options.insecure(host, port),
        ...(session && { session }),
      });
      secure.on('session', (fresh) => sessions.keep(place, fresh));
      return connected(connections.add(secure), 'secureConnect', timeoutMs);
    },
  };
}

const maxSessions = 100;

/** TLS sessions by destination, to shorten the next handshake (RFC 8446 2.2). */
function createSessions() {
  const known = new Map<string, Buffer>();
  return {
    of: (place: string) => known.get(place),
    keep(place: string, session: Buffer) {
      known.delete(place);
      known.set(place, session);
      if (known.size > maxSessions) known.delete(known.keys().next().value as string);
    },
  };
}

function connected<T extends Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    const failed = (error?: Error) => {
      clearTimeout(timer);
      reject(error ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    };
    socket.once('error', failed).once('close', failed);
    socket.once(event, () => {
      clearTimeout(timer);
      // The caller adds its listener a moment later.
      socket.on('error', () => {});
      socket.off('error', failed).off('close', failed);
      resolve(socket);
    });
  });
}

/**
 * Node tries a host's addresses in order, and gives up all but the last after a quarter of a second. That is too short
 * for a distant server, or for a nearby one while this process is busy. If no connection results, the addresses are
 * tried again with more time.
 */
function wasHurried(error: unknown): boolean {
  return (
    error instanceof AggregateError && error.errors.some((one) => errorCode(one) === 'ETIMEDOUT')
  );
}

// The same trust as other programs on this machine: the roots of Node, the system and the environment.
export function trustedRoots(extra: readonly string[]): string[] {
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
