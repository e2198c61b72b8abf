import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { errorCode } from '../errors.ts';

/** Picks hosts: a name or an address without brackets, and the port. */
export type HostTest = (hostname: string, port: number) => boolean;

export type ClientCertificate = {
  readonly matches: HostTest;
  readonly identity: { readonly cert: string; readonly key: string } | { readonly pfx: Buffer };
};

/** Opens undici's connections. */
export type Connector = buildConnector.connector;

export type ConnectorOptions = {
  /** Hosts whose certificate is not checked. */
  readonly insecure: HostTest;
  /** PEM text of further certificate authorities; Node's and the system's stay trusted. */
  readonly trust: readonly string[];
  readonly clientCertificates: readonly ClientCertificate[];
  /** Milliseconds until a connection that does not come about is given up. */
  readonly timeoutMs: number;
};

/** Connectors by what a host is shown and asked for: whether it is checked, and our certificate. */
export function createConnectors(options: ConnectorOptions) {
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
  options: ConnectorOptions,
): Connector {
  let secureContext: SecureContext | undefined;
  const plain = unhurried({ timeout: options.timeoutMs });
  let secure: Connector | undefined;
  return (target, done) => {
    if (target.protocol !== 'https:') return plain(target, done);
    // Parsing some 280 roots takes tens of milliseconds: once, and not before it is needed.
    secureContext ??= createSecureContext({ ca: trustedRoots(options.trust), ...identity });
    secure ??= unhurried({
      timeout: options.timeoutMs,
      secureContext,
      rejectUnauthorized: !insecure,
    });
    return secure(target, done);
  };
}

/**
 * Node tries a host's addresses one after the other, and gives up each but the last after a quarter of a second. That is
 * too soon for a server far away, and for one nearby while this process is busy; where it ends without a connection, they
 * are tried once more with time.
 */
function unhurried(options: buildConnector.BuildOptions): Connector {
  const quick = buildConnector({ ...options, autoSelectFamily: true });
  const slow = buildConnector({ ...options, ...withTime });
  return (target, done) => {
    quick(target, (...result) => {
      if (wasHurried(result[0])) slow(target, done);
      else done(...result);
    });
  };
}

const withTime = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 5000 } as const;

function wasHurried(error: unknown): boolean {
  return (
    error instanceof AggregateError && error.errors.some((one) => errorCode(one) === 'ETIMEDOUT')
  );
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

/**
 * Opens a plain connection.
 *
 * @param timeoutMs until it is given up
 */
export async function openTcp(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const target = { host, port, noDelay: true };
  try {
    return await openOnce({ ...target, autoSelectFamily: true }, timeoutMs);
  } catch (error) {
    if (!wasHurried(error)) throw error;
    return openOnce({ ...target, ...withTime }, timeoutMs);
  }
}

function openOnce(options: TcpNetConnectOpts, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(options);
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
