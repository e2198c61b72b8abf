/** Tunnels through a proxy. */
import { once } from 'node:events';
import http from 'node:http';

/**
 * Opens a tunnel with CONNECT.
 * @param {number} proxyPort on 127.0.0.1
 * @param {string} authority host:port
 * @param {number} [limitMs]
 * @returns {Promise<import('node:net').Socket>} the open tunnel
 * @throws when the proxy refuses or does not answer within the limit
 */
export async function connectThrough(proxyPort, authority, limitMs = 10_000) {
  const proxy = { host: '127.0.0.1', port: proxyPort, agent: false, timeout: limitMs };
  const request = http.request({ ...proxy, method: 'CONNECT', path: authority });
  request.once('timeout', () =>
    request.destroy(new Error(`no answer to CONNECT for ${limitMs / 1000} s`)),
  );
  request.end();
  const [response, socket] = await once(request, 'connect');
  if (response.statusCode !== 200) throw new Error(`CONNECT answered ${response.statusCode}`);
  return socket;
}
