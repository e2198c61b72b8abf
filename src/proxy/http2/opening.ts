import type { TLSSocket } from 'node:tls';
import { errorCode } from '../../errors.ts';
import type { Destination } from '../destination.ts';
import { watchSilence } from '../silence.ts';
import type { UpstreamSockets } from '../upstream-sockets.ts';
import type { Opened } from './pool.ts';
import { UpstreamSession } from './session.ts';

/** How long a clear-text server may take to show that it speaks HTTP/2; such servers begin at once. */
const patienceMs = 5000;

/**
 * Opens a connection that speaks HTTP/2 if the server supports it, and HTTP/1.1 otherwise.
 *
 * Over TLS the handshake decides (RFC 7301). In clear text there is no negotiation, so the client's word counts
 * (RFC 9113 3.3, prior knowledge): HTTP/2 is tried, and a server that does not answer with SETTINGS is assumed to speak HTTP/1.1.
 */
export async function openHttp2(
  sockets: UpstreamSockets,
  destination: Destination,
  timeoutMs: number,
): Promise<Opened> {
  if (!destination.encrypted) return openInClear(sockets, destination, timeoutMs);
  const socket = await sockets.open(destination, ['h2', 'http/1.1']);
  if ((socket as TLSSocket).alpnProtocol !== 'h2') return { version: 1, socket };
  return { version: 2, session: new UpstreamSession(socket, true) };
}

async function openInClear(
  sockets: UpstreamSockets,
  destination: Destination,
  timeoutMs: number,
): Promise<Opened> {
  // A chained proxy may not allow tunnels to such ports.
  const hasForwarder = sockets.forwarder(destination) !== undefined;
  const socket = await sockets.open(destination, []).catch((error: Error) => {
    if (hasForwarder) return undefined;
    throw error;
  });
  if (socket === undefined) return { version: 1, socket: undefined };
  const session = new UpstreamSession(socket, false);
  const silence = watchSilence(Math.min(timeoutMs, patienceMs), never, () => socket.destroy());
  try {
    await session.established;
    return { version: 2, session };
  } catch {
    socket.destroy();
    return { version: 1, socket: undefined };
  } finally {
    silence.stop();
  }
}

const never = () => false;

/** Whether this is a TLS handshake that failed because the server does not speak HTTP/1.1 (RFC 7301 3.2). */
export function refusesHttp1(error: Error): boolean {
  return errorCode(error) === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
}
