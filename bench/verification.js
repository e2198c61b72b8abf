/** One request through a proxy, with everything that came back. */
import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { callUnary, openGrpc } from './grpc/client.js';
import { openHttp2 } from './http2-client.js';
import { connectThrough } from './tunnel.js';

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
 * The same over HTTP/2, which must reach the server as HTTP/2.
 * @type {typeof verify}
 */
export async function verifyHttp2(proxyPort, url, { body }) {
  const { host, pathname } = new URL(url);
  const session = await openHttp2(proxyPort, host);
  try {
    const stream = session.request({ ':path': pathname });
    const [[headers], received] = await Promise.all([once(stream, 'response'), buffer(stream)]);
    if (headers[':status'] !== 200) throw new Error(`answers ${headers[':status']} instead of 200`);
    if (!received.equals(body)) throw new Error('changes the body');
    if (headers['x-asked-over'] !== 'HTTP/2.0')
      throw new Error(`asks the server over ${headers['x-asked-over']}`);
  } finally {
    session.destroy();
  }
}

/**
 * The same with a gRPC call, whose answer is the message that was sent.
 * @type {typeof verify}
 */
export async function verifyGrpc(proxyPort, url, { body }) {
  const client = openGrpc(Number(new URL(url).port), proxyPort);
  try {
    if (!body.equals(await callUnary(client, body))) throw new Error('changes the message');
  } finally {
    client.close();
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
