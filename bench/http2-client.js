/** HTTP/2 sessions over TLS, straight to a server or through a tunnel of a proxy. */
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect } from 'node:net';
import tls from 'node:tls';
import { connectThrough } from './tunnel.js';

/**
 * @param {number} proxyPort on 127.0.0.1; 0 for none
 * @param {string} host host:port of the server
 * @param {number} [limitMs] for the answer to CONNECT
 * @returns {Promise<http2.ClientHttp2Session>} its errors are those of its streams
 * @throws when the other side does not choose HTTP/2
 */
export async function openHttp2(proxyPort, host, limitMs) {
  const { hostname, port } = new URL(`https://${host}`);
  const socket = proxyPort
    ? await connectThrough(proxyPort, host, limitMs)
    : connect(Number(port), hostname);
  const options = { servername: hostname, ALPNProtocols: ['h2'], rejectUnauthorized: false };
  const secure = tls.connect({ socket, ...options });
  await once(secure, 'secureConnect');
  if (secure.alpnProtocol !== 'h2') throw new Error('does not speak HTTP/2 to clients');
  const session = http2.connect(`https://${host}`, { createConnection: () => secure });
  session.on('error', () => {});
  return session;
}
