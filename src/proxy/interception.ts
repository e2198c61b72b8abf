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
  /** Hosts whose TLS is not opened. */
  readonly passthrough: HostTest | undefined;
  /** TLS is up: the socket now carries plain text, to be read by whoever speaks its protocol. */
  readonly onSecure: (socket: TLSSocket, tunnel: string | undefined) => void;
  /** The handshake failed; whether because the client does not trust our authority. */
  readonly onFailure: (host: string, error: Error, distrusted: boolean) => void;
  /** This connection is to be piped, unread. */
  readonly onPassthrough: (socket: Socket, hostname: string, port: number) => void;
};

/**
 * Opens TLS in the client's face with a certificate of our own authority.
 *
 * There is a TLS server per tunnel address, none of which ever listens: a client that connects to a
 * bare IP address sends no server name (RFC 6066 3), so what it gets is its server's default
 * certificate, and that must be valid for the address. It also tells the tunnel, which a TLS socket
 * does not. Where a host name is sent, the certificate is for that name.
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
    // Whatever the client likes best of what we speak. A client that offers only strangers is told
    // its own first choice, for what it then sends may still be HTTP/1.
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
    // Node's own client says nothing when it does not like the answer: it hangs up.
    const left = tunnel !== undefined && errorCode(error) === 'ECONNRESET';
    options.onFailure(serverName(socket) ?? host, error, left || isDistrust(error));
  });
  return server;
}

function serverName(socket: TLSSocket): string | undefined {
  return hostNameIn((socket as { servername?: string | false }).servername);
}

// The alerts by which a client says that it does not know our authority (RFC 8446 6.2).
function isDistrust(error: Error): boolean {
  return /alert (unknown ca|bad certificate|certificate)/i.test(error.message);
}

const distrustMs = 1000;

// With TLS 1.3 the handshake is over before the client has looked at the certificate. One that does
// not like it says so in an alert, or hangs up without having said a word.
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
      told(error ?? new Error('the client hung up right after the handshake'));
    }
  };
  socket.once('end', check).once('error', check).once('close', silence.stop);
}

const spoken: ReadonlySet<string> = new Set(['h2', 'http/1.1']);

// The tunnel's own host decides; where that is a bare address, the name in the handshake does too.
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
