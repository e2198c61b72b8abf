/** One request through a proxy, with everything that came back. */
import { once } from 'node:events';
import http from 'node:http';
import tls from 'node:tls';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Buffer} body
 * @property {string} [fingerprint] of the certificate the client saw, for https
 */

/**
 * Sends one GET through a proxy: absolute-form for http, CONNECT and TLS for https.
 * @param {number} proxyPort on 127.0.0.1
 * @param {string} url
 * @returns {Promise<Answer>}
 * @throws when the proxy refuses or says nothing for 10 s
 */
export async function fetchThrough(proxyPort, url) {
  const { protocol, host, hostname, pathname } = new URL(url);
  const proxy = { host: '127.0.0.1', port: proxyPort, agent: false, timeout: 10_000 };
  if (protocol === 'http:') return answerOf(http.get({ ...proxy, path: url, headers: { host } }));
  const socket = await connectThrough(proxyPort, host);
  const secure = tls.connect({ socket, servername: hostname, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  const fingerprint = secure.getPeerCertificate().fingerprint256;
  const options = { createConnection: () => secure, path: pathname, timeout: 10_000 };
  const answer = await answerOf(http.get({ ...options, headers: { host, connection: 'close' } }));
  return { ...answer, fingerprint };
}

/**
 * @param {number} proxyPort
 * @param {string} authority host:port
 * @returns {Promise<import('node:net').Socket>} the open tunnel
 */
export async function connectThrough(proxyPort, authority) {
  const proxy = { host: '127.0.0.1', port: proxyPort, agent: false, timeout: 10_000 };
  const request = http.request({ ...proxy, method: 'CONNECT', path: authority });
  request.once('timeout', () => request.destroy(new Error('no answer to CONNECT for 10 s')));
  request.end();
  const [response, socket] = await once(request, 'connect');
  if (response.statusCode !== 200) throw new Error(`CONNECT answered ${response.statusCode}`);
  return socket;
}

/**
 * Tells what is wrong with a proxy before it is measured.
 * @param {number} proxyPort
 * @param {string} url
 * @param {{body: Buffer, upstreamFingerprint?: string}} expected with a fingerprint, TLS must be opened
 * @throws when status or bytes differ, or the proxy tunnels TLS instead of opening it
 */
export async function verify(proxyPort, url, { body, upstreamFingerprint }) {
  const answer = await fetchThrough(proxyPort, url);
  if (answer.status !== 200) throw new Error(`answers ${answer.status} instead of 200`);
  if (!answer.body.equals(body)) {
    throw new Error(`changes the body: ${answer.body.length} bytes instead of ${body.length}`);
  }
  if (upstreamFingerprint && answer.fingerprint === upstreamFingerprint) {
    throw new Error('tunnels TLS without opening it, so there is nothing to compare');
  }
}

/**
 * @param {http.ClientRequest} request
 * @returns {Promise<Answer>}
 */
async function answerOf(request) {
  request.once('timeout', () => request.destroy(new Error('no answer for 10 s')));
  const [response] = await once(request, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: Buffer.concat(chunks) };
}
