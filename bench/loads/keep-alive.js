/**
 * Load where hey is missing: as many connections as asked for, each kept and asked again and again.
 * Arguments: proxy port (0 for none), URL, connections, seconds, requests (0: until the time is up).
 */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { connectThrough } from '../tunnel.js';
import { loop } from './worker-loop.js';

const [url, numbers] = [process.argv[3], process.argv.map(Number)];
const [port, connections, seconds, count] = [numbers[2], numbers[4], numbers[5], numbers[6]];
const { host, hostname, protocol } = new URL(url);
const secure = protocol === 'https:';
const agent = new (secure ? https.Agent : http.Agent)({
  keepAlive: true,
  maxSockets: connections,
  rejectUnauthorized: false,
});
if (secure && port) agent.createConnection = tunnel;

/** @type {http.RequestOptions & {agent: http.Agent}} */
const throughProxy = { agent, headers: { host }, host: '127.0.0.1', path: url, port };
const client = secure ? https : http;
const target = secure || !port ? [url, { agent }] : [throughProxy];

/**
 * @param {unknown} _options
 * @param {(error: unknown, socket?: tls.TLSSocket) => void} callback
 */
function tunnel(_options, callback) {
  connectThrough(port, host).then((socket) => {
    callback(null, tls.connect({ socket, servername: hostname, rejectUnauthorized: false }));
  }, callback);
}

/** @returns {Promise<{status: number, bytes: number}>} status 0: no whole answer */
function ask() {
  return new Promise((resolve) => {
    let bytes = 0;
    const request = client.get(...target, (response) => {
      response.on('data', (chunk) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
      response.on('error', () => resolve({ status: 0, bytes }));
    });
    request.on('error', () => resolve({ status: 0, bytes }));
  });
}

await loop({ concurrent: connections, seconds, count, ask });
agent.destroy();
