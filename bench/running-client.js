/** A running client with a proxy and a page, both bare WebSocket clients in the bench. */
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { makeFolder, removeFolder, startProgram, stopChild, waitFor } from './children.js';
import { readWhenThere, root } from './peers/index.js';

/** Exchanges that may be under way while a history is filled: a proxy sends no further ahead either. */
const ahead = 256;

/** @typedef {{port: number, token: string, url: string, pid: number}} Client */

/**
 * Starts a client for as long as it is measured.
 * @template T
 * @param {(client: Client) => Promise<T>} measure
 * @returns {Promise<T>}
 */
export async function withClient(measure) {
  const folder = makeFolder('client');
  const readyFile = join(folder, 'ready.json');
  const own = ['--port', '0', '--quiet', '--ready-file', readyFile];
  const args = [join(root, 'bin/pmproxy.js'), 'client', ...own];
  const env = { HOME: folder, PMPROXY_HOME: join(folder, 'home') };
  const logFile = join(folder, 'log.txt');
  const child = await startProgram(process.execPath, args, { cwd: folder, env, logFile });
  try {
    const { port, token, url } = await waitFor(child, (signal) => readWhenThere(readyFile, signal));
    return await measure({ port, token, url, pid: child.pid });
  } finally {
    await stopChild(child, 'SIGINT');
    removeFolder(folder);
  }
}

/** @param {Client} client @param {string} path */
async function dial({ port, token }, path) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}?token=${token}`);
  await once(socket, 'open');
  return socket;
}

/** A page without a browser. @param {Client} client */
export async function openPage(client) {
  const socket = await dial(client, '/events');
  const page = { socket, onRows: (_rows) => {} };
  socket.on('message', (data) => {
    const event = JSON.parse(data);
    if (event.type === 'rows') page.onRows(event.rows);
  });
  socket.send(JSON.stringify({ type: 'start', after: 0 }));
  await once(socket, 'message');
  return page;
}

/** A proxy that pushes the same exchange again and again. @param {Client} client */
export async function openProxy(client) {
  const socket = await dial(client, '/capture');
  const session = { id: 'bench', name: 'bench', startedAt: new Date().toISOString(), version: '0' };
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, session }));
  await once(socket, 'message');
  const proxy = {
    socket,
    sent: 0,
    acknowledged: 0,
    push() {
      proxy.sent += 1;
      socket.send(
        JSON.stringify({ type: 'exchange', seq: proxy.sent, exchange: entryOf(proxy.sent) }),
      );
    },
  };
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'ack') proxy.acknowledged = message.seq;
  });
  return proxy;
}

/**
 * Fills a history through the proxy, as fast as the client takes it.
 * @param {Awaited<ReturnType<typeof openProxy>>} proxy @param {number} history
 */
export async function fill(proxy, history) {
  while (proxy.sent < history) {
    if (proxy.sent - proxy.acknowledged < ahead) proxy.push();
    else await once(proxy.socket, 'message');
  }
  while (proxy.acknowledged < history) await once(proxy.socket, 'message');
}

const nameValues = (pairs) => Object.entries(pairs).map(([name, value]) => ({ name, value }));
const requestHeaders = nameValues({
  Host: 'api.shop.example',
  Accept: 'application/json',
  'Accept-Encoding': 'gzip, deflate, br',
  'Accept-Language': 'en',
  'User-Agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0',
  Connection: 'keep-alive',
});
const responseHeaders = nameValues({
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': '1024',
  Date: 'Thu, 01 Jan 2026 12:00:00 GMT',
  'Cache-Control': 'no-cache',
  ETag: '"5d8c72a5edda8d6a"',
  Vary: 'Accept-Encoding',
});
const text = JSON.stringify({ filler: 'x'.repeat(1024 - 13) });

/** @param {number} n */
function entryOf(n) {
  const common = { httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1 };
  const url = `https://api.shop.example/v1/orders/${n}/items?page=${n % 10}&size=50`;
  return {
    _id: `bench-${n}`,
    startedDateTime: new Date().toISOString(),
    time: 12.5,
    request: {
      ...common,
      method: 'GET',
      url,
      headers: requestHeaders,
      queryString: [],
      bodySize: 0,
    },
    response: {
      ...common,
      status: 200,
      statusText: 'OK',
      headers: responseHeaders,
      content: { size: text.length, mimeType: 'application/json; charset=utf-8', text },
      redirectURL: '',
      bodySize: text.length,
    },
    cache: {},
    timings: { send: 0.2, wait: 11, receive: 1.3 },
    _outcome: { kind: 'completed' },
  };
}
