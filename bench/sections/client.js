/** The running client: how soon a row is in its pages, and what a history takes in memory. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { makeFolder, removeFolder, startProgram, stopChild, waitFor } from '../children.js';
import { readWhenThere, root } from '../peers/index.js';
import { median, percentile } from '../statistics.js';
import { number, table } from '../tables.js';
import { memoryOf } from './memory.js';

const targets = { delayMs: 50, residentMb: 300 };
const perSecond = 1000;
/** Exchanges that may be under way while a history is filled: a proxy sends no further ahead either. */
const ahead = 256;

/**
 * The delay from an exchange's sending by a proxy to its row's arrival in a page, at 1,000 exchanges a second.
 * @param {{rounds: number, seconds: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureRowDelay({ rounds, seconds }) {
  const wanted = rounds * seconds * perSecond;
  const delays = await withClient(async (client) => {
    const page = await openPage(client);
    const proxy = await openProxy(client);
    const sentAt = [];
    const arrivedAt = [];
    page.onRows = (rows) => {
      const now = performance.now();
      for (const { n } of rows) arrivedAt[n] = now;
    };
    const start = performance.now();
    while (sentAt.length <= wanted) {
      const due = Math.min(((performance.now() - start) / 1000) * perSecond, wanted);
      while (sentAt.length <= due) {
        sentAt[sentAt.length || 1] = performance.now();
        proxy.push();
      }
      await delay(1);
    }
    while (arrivedAt.length <= wanted) await delay(5);
    // The first second loads and compiles.
    const rows = Array.from({ length: wanted - perSecond }, (_, at) => at + 1 + perSecond);
    return rows.map((n) => arrivedAt[n] - sentAt[n]);
  });
  const p99 = percentile(delays, 0.99);
  const figures = [median(delays), p99, Math.max(...delays)].map((ms) => number(ms, 1));
  const head = ['rows', 'median ms', 'p99 ms', 'highest ms'];
  const lines = [
    `### From a proxy to a page, ${number(perSecond)} exchanges a second\n`,
    table(head, [[number(delays.length), ...figures]]),
    `\n- 99 of 100 rows are there within **${number(p99, 1)}** ms (target: ${targets.delayMs})`,
  ];
  return { markdown: lines.join('\n'), data: { rowDelay: { delays, p99 } } };
}

/**
 * Resident memory of the client while its history grows, and then while a page loads all of it.
 * @param {{history: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureHistory({ history }) {
  const measured = await withClient(async (client) => {
    const proxy = await openProxy(client);
    const empty = memoryOf(client.pid).residentMb;
    const start = performance.now();
    while (proxy.sent < history) {
      if (proxy.sent - proxy.acknowledged < ahead) proxy.push();
      else await once(proxy.socket, 'message');
    }
    while (proxy.acknowledged < history) await once(proxy.socket, 'message');
    const seconds = (performance.now() - start) / 1000;
    const full = memoryOf(client.pid).residentMb;
    let rows = 0;
    const page = await openPage(client);
    page.onRows = (batch) => {
      rows += batch.length;
    };
    while (rows < history) await once(page.socket, 'message');
    return { empty, full, seconds, rows, peak: memoryOf(client.pid).peakMb };
  });
  const { empty, full, peak, seconds, rows } = measured;
  const head = ['exchanges', 'empty MB', 'full MB', 'peak MB', 'pushed per s', 'in the page'];
  const cells = [history, empty, full, peak, history / seconds, rows].map((value) => number(value));
  const lines = [
    '### Memory of the running client, exchanges with 1 KB of JSON\n',
    table(head, [cells]),
    `\n- **${number(full)}** MB with all of them (target: under ${targets.residentMb} at 100,000)`,
  ];
  return { markdown: lines.join('\n'), data: { history: measured } };
}

/**
 * @template T
 * @param {(client: {port: number, token: string, pid: number}) => Promise<T>} measure
 * @returns {Promise<T>}
 */
async function withClient(measure) {
  const folder = makeFolder('client');
  const readyFile = join(folder, 'ready.json');
  const own = ['--port', '0', '--quiet', '--ready-file', readyFile];
  const args = [join(root, 'bin/pmproxy.js'), 'client', ...own];
  const env = { HOME: folder, PMPROXY_HOME: join(folder, 'home') };
  const logFile = join(folder, 'log.txt');
  const child = await startProgram(process.execPath, args, { cwd: folder, env, logFile });
  try {
    const { port, token } = await waitFor(child, (signal) => readWhenThere(readyFile, signal));
    return await measure({ port, token, pid: child.pid });
  } finally {
    await stopChild(child, 'SIGINT');
    removeFolder(folder);
  }
}

/** @param {{port: number, token: string}} client @param {string} path */
async function dial({ port, token }, path) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}?token=${token}`);
  await once(socket, 'open');
  return socket;
}

/** A page without a browser. @param {{port: number, token: string}} client */
async function openPage(client) {
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

/** A proxy that pushes the same exchange again and again. @param {{port: number, token: string}} client */
async function openProxy(client) {
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
