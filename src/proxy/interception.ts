import { isIP, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { errorCode } from '../errors.ts';
import type { Authority } from './authority.ts';
import type { HostTest } from './connectors.ts';
import { parseAuthority } from './destination.ts';
import { hostNameIn } from './server-name.ts';
import { watchSilence } from './silence.ts';

export type InterceptionOptions = {
  readonly authority: Authority;
  /** Hosts whose TLS is not intercepted. */
  readonly passthrough: HostTest | undefined;
  /** TLS is established: the socket now carries plain text for its protocol's server. */
  readonly onSecure: (socket: TLSSocket, tunnel: string | undefined) => void;
  /** The handshake failed; `distrusted` if the client does not trust our authority. */
  readonly onFailure: (host: string, error: Error, distrusted: boolean) => void;
  /** This connection must be piped unread. */
  readonly onPassthrough: (socket: Socket, hostname: string, port: number) => void;
};

/**
 * Terminates the client's TLS with a certificate from our own authority.
 *
 * There is a TLS server per tunnel address, none of which ever listens: a client that connects to a
 * bare IP address sends no server name (RFC 6066 3), so it gets its server's default certificate,
 * which must be valid for the address. The server also identifies the tunnel, which a TLS socket
 * does not. If a host name is sent, the certificate is for that name.
 *
 * @returns the listener for connections whose first bytes are TLS
 */
export function createInterception(
  options: InterceptionOptions,
): (socket: Socket, tunnel: string | undefined) => void {
  const servers = new Map<string, Promise<Server>>();
  return (socket, tunnel) => {
    socket.on('error', () => {});
    const open = async () => {
      const passed =
        options.passthrough && (await passthroughHost(socket, tunnel, options.passthrough));
      if (passed) {
        options.onPassthrough(socket, passed.hostname, passed.port);
        return;
      }
      const key = tunnel ?? '';
      let server = servers.get(key);
      if (server === undefined) {
        server = createTunnelServer(tunnel, socket.localAddress ?? '127.0.0.1', options);
        servers.set(key, server);
        if (servers.size > maxServers) servers.delete(servers.keys().next().value as string);
      }
      (await server).emit('connection', socket);
    };
    open().catch((error: Error) => {
      servers.delete(tunnel ?? '');
      options.onFailure(tunnel ?? 'pmproxy', error, false);
      socket.destroy();
    });
  };
}

const maxServers = 1000;

async function createTunnelServer(
  tunnel: string | undefined,
  localAddress: string,
  options: InterceptionOptions,
): Promise<Server> {
  const host = tunnel === undefined ? localAddress : parseAuthority(tunnel, 443).hostname;
  const { key, cert } = await options.authority.credentialsFor(host.replace(/^::ffff:/, ''));
  const server = createServer({
    key,
    cert,
    handshakeTimeout: 30_000,
    // The client's preferred protocol among ours. A client that offers only unknown protocols gets
    // its own first choice, because it may still send HTTP/1.
    ALPNCallback: ({ protocols }) => protocols.find((name) => spoken.has(name)) ?? protocols[0],
    SNICallback: (sni, done) => {
      const name = hostNameIn(sni) ?? (isIP(sni) === 0 ? undefined : sni);
      if (name === undefined) {
        // The certificate for the tunnel's host.
        done(null);
        return;
      }
      options.authority.credentialsFor(name).then(
        (credentials) => done(null, credentials.context),
        (error: Error) => done(error),
      );
    },
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    const told = (error: Error) => options.onFailure(serverName(socket) ?? host, error, true);
    watchForDistrust(socket, told);
    options.onSecure(socket, tunnel);
  });
  server.on('tlsClientError', (error, socket) => {
    // Node's own client disconnects without an alert if it rejects the answer.
    const left = tunnel !== undefined && errorCode(error) === 'ECONNRESET';
    options.onFailure(serverName(socket) ?? host, error, left || isDistrust(error));
  });
  return server;
}

function serverName(socket: TLSSocket): string | undefined {
  return hostNameIn((socket as { servername?: string | false }).servername);
}

// The alerts of a client that does not know our authority (RFC 8446 6.2).
function isDistrust(error: Error): boolean {
  return /alert (unknown ca|bad certificate|certificate)/i.test(error.message);
}

const distrustMs = 1000;

// With TLS 1.3 the handshake ends before the client has checked the certificate. A client that
// rejects it sends an alert, or disconnects without sending anything.
function watchForDistrust(socket: TLSSocket, told: (error: Error) => void): void {
  let isYoung = true;
  const silence = watchSilence(
    distrustMs,
    () => false,
    () => {
      isYoung = false;
    },
  );
  const check = (error?: Error) => {
    silence.stop();
    socket.off('end', check).off('error', check);
    if (socket.bytesRead > 0) return;
    if (isYoung || (error && isDistrust(error))) {
      told(error ?? new Error('the client disconnected right after the handshake'));
    }
  };
  socket.once('end', check).once('error', check).once('close', silence.stop);
}

const spoken: ReadonlySet<string> = new Set(['h2', 'http/1.1']);

// The tunnel's own host decides; if it is a bare address, the name in the handshake also counts.
async function passthroughHost(
  socket: Socket,
  tunnel: string | undefined,
  matches: HostTest,
): Promise<{ hostname: string; port: number } | undefined> {
  if (tunnel === undefined) return undefined;
  const target = parseAuthority(tunnel, 443);
  if (matches(target.hostname, target.port)) return target;
  if (isIP(target.hostname) === 0) return undefined;
  const hello = await readTlsClientHello(socket).catch(() => undefined);
  const name = hello && getExtensionData(hello, 'sni')?.serverName;
  return name !== undefined && matches(name, target.port) ? target : undefined;
}
