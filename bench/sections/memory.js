/** What a proxy's memory grows by: with one large body, and with many recorded exchanges. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeFolder, removeFolder, startScript, stopChild } from '../children.js';
import { loadHey } from '../load.js';
import { startPmproxy } from '../peers/index.js';
import { number, table } from '../tables.js';
import { verify } from '../verification.js';
import { keystream } from './keystream.js';

/**
 * @typedef {object} Settings
 * @property {import('../peers/index.js').Peer[]} peers
 * @property {import('../upstream.js').Upstream} upstream
 * @property {number} downloadMb in MiB
 * @property {number} exchanges
 * @property {string} results folder for the raw outputs
 * @property {string} [node] path of the Node that runs pmproxy, if not the bench's own
 */

const connections = 32;
const firstExchanges = 32 * connections;
const writeLimitMs = 300_000;

/**
 * One large download through the proxy, bytes checked, and what its resident memory rose to.
 * The bare proxy stands beside pmproxy for what Node itself takes.
 * @param {Settings} settings
 * @returns {Promise<{markdown: string, data: object}>}
 * @throws where there is no /proc to read memory from
 */
export async function measureDownload({ peers, upstream, downloadMb }) {
  const folder = makeFolder('download');
  const script = fileURLToPath(new URL('memory-upstream.js', import.meta.url));
  const source = await startScript(script, [], { logFile: join(folder, 'log.txt') });
  const url = `http://127.0.0.1:${source.port}`;
  const expected = createHash('sha256');
  for (const chunk of keystream(downloadMb * 2 ** 20)) expected.update(chunk);
  const digest = expected.digest('hex');
  const data = [];
  try {
    for (const peer of peers.filter(({ name }) => name === 'bare' || name === 'pmproxy')) {
      data.push(
        await attempt(peer.name, () => download(peer, upstream, { url, downloadMb, digest })),
      );
    }
  } finally {
    await stopChild(source);
    removeFolder(folder);
  }
  return { markdown: downloadTable(data, downloadMb), data: { download: data } };
}

/**
 * @param {import('../peers/index.js').Peer} peer
 * @param {import('../upstream.js').Upstream} upstream
 * @param {{url: string, downloadMb: number, digest: string}} asked
 */
async function download(peer, { cert, key }, { url, downloadMb, digest }) {
  const folder = makeFolder(peer.name);
  try {
    const child = await peer.start({ folder, tls: { cert, key } });
    try {
      await digestThrough(child.port, `${url}/1000000`); // what every first request loads is not the body's
      const before = memoryOf(child.pid).residentMb;
      forgetPeak(child.pid);
      const start = performance.now();
      const exact = (await digestThrough(child.port, `${url}/${downloadMb * 2 ** 20}`)) === digest;
      const seconds = (performance.now() - start) / 1000;
      return { before, peak: memoryOf(child.pid).peakMb, exact, seconds };
    } finally {
      await stopChild(child);
    }
  } finally {
    removeFolder(folder);
  }
}

/** @param {object[]} data @param {number} downloadMb */
function downloadTable(data, downloadMb) {
  const rows = data.map(({ name, failure, before, peak, exact, seconds }) =>
    failure
      ? [name, 'failed', '-', '-', '-', '-']
      : [
          name,
          number(before),
          number(peak),
          number(peak - before),
          exact ? 'yes' : '**NO**',
          number(downloadMb / seconds),
        ],
  );
  const head = ['proxy', 'before MB', 'peak MB', 'added MB', 'byte-exact', 'MB/s'];
  const title = `### Memory during one download of ${number(downloadMb)} MB\n`;
  return [title, table(head, rows), ...failuresOf(data)].join('\n');
}

/**
 * Many small exchanges through `pmproxy save`: resident memory after the first thousand and after all,
 * then Ctrl+C, and whether the file that it writes holds every one.
 * @param {Settings} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureRecording({ upstream, exchanges: wanted, results, node }) {
  const rest = Math.ceil((wanted - firstExchanges) / connections) * connections;
  const data = await attempt('pmproxy', () => record(upstream, rest, results, node));
  const title = `### Memory while recording ${number(firstExchanges + rest)} exchanges of 1 KB\n`;
  const head = ['proxy', `after ${number(firstExchanges)} MB`, 'after all MB', 'difference MB'];
  const more = ['peak MB', 'peak while writing MB', 'errors', 'in the file'];
  const cells = data.failure
    ? ['failed', '-', '-', '-', '-', '-', '-']
    : [
        ...[data.first, data.all, data.all - data.first, data.peak, data.writingPeak].map((mb) =>
          number(mb),
        ),
        number(data.errors),
        `${number(data.written)} of ${number(data.exchanges)}`,
      ];
  const lines = [title, table([...head, ...more], [['pmproxy', ...cells]]), ...failuresOf([data])];
  return { markdown: lines.join('\n'), data: { recording: data } };
}

/** @param {import('../upstream.js').Upstream} upstream @param {number} rest @param {string} results @param {string} [node] */
async function record(upstream, rest, results, node) {
  const folder = makeFolder('recording');
  try {
    const child = await startPmproxy({ folder, tls: upstream, node });
    const url = `http://127.0.0.1:${upstream.httpPort}/1k.json`;
    const common = { connections, proxyPort: child.port, url };
    try {
      await verify(child.port, url, { body: upstream.bodies['1k.json'] });
      const early = {
        ...common,
        rawFile: join(results, 'memory-first.txt'),
        requests: firstExchanges,
      };
      const firstResult = await loadHey(early);
      const first = memoryOf(child.pid).residentMb;
      const late = { ...common, rawFile: join(results, 'memory-rest.txt'), requests: rest };
      const restResult = await loadHey(late);
      const { residentMb: all, peakMb: peak } = memoryOf(child.pid);
      // What ends is in the journal within 20 ms.
      await setTimeout(100);
      const written = await countLines(journalIndex(folder));
      const writingPeak = await stopWatching(child);
      const exchanges = firstResult.requests + restResult.requests + 1;
      const errors = firstResult.errors + restResult.errors;
      return { first, all, peak, writingPeak, written, exchanges, errors };
    } finally {
      await stopChild(child);
    }
  } finally {
    removeFolder(folder);
  }
}

/**
 * Ctrl+C, as a person would, and the peak of what the writing took.
 * @param {import('../children.js').Child} child
 * @returns {Promise<number>} MB
 * @throws when it does not end within five minutes
 */
async function stopWatching(child) {
  forgetPeak(child.pid);
  let peak = memoryOf(child.pid).peakMb;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid).peakMb);
  }, 20);
  try {
    const ended = await stopChild(child, 'SIGINT', writeLimitMs);
    if (!ended) throw new Error(`did not end within ${writeLimitMs / 1000} s of SIGINT`);
    return peak;
  } finally {
    clearInterval(watch);
  }
}

/**
 * @param {number} proxyPort
 * @param {string} url
 * @returns {Promise<string>} SHA-256 of the body
 */
async function digestThrough(proxyPort, url) {
  const { host } = new URL(url);
  const proxy = { agent: false, host: '127.0.0.1', port: proxyPort };
  const [response] = await once(http.get({ ...proxy, headers: { host }, path: url }), 'response');
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * @param {number} pid
 * @returns {{residentMb: number, peakMb: number}} zeros when the process has just gone
 */
export function memoryOf(pid) {
  let status = '';
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch (error) {
    if (process.platform !== 'linux')
      throw new Error('memory is read from /proc, which only Linux has');
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
  }
  const read = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { residentMb: read('VmRSS'), peakMb: read('VmHWM') };
}

/**
 * Makes the kernel's record of the highest memory start again from now (proc(5), clear_refs).
 * @param {number} pid
 */
function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** @param {string} folder that pmproxy's home is in */
function journalIndex(folder) {
  const journals = join(folder, 'home', 'journals');
  return join(journals, readdirSync(journals)[0], 'exchanges.ndjson');
}

/** @param {string} file */
async function countLines(file) {
  let lines = 0;
  for await (const chunk of createReadStream(file)) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

/** @param {string} name @param {() => Promise<object>} measure */
async function attempt(name, measure) {
  try {
    return { name, ...(await measure()) };
  } catch (error) {
    return { name, failure: error.message };
  }
}

/** @param {{name: string, failure?: string}[]} data */
function failuresOf(data) {
  const failed = data.filter(({ failure }) => failure);
  return failed.map(({ name, failure }) => `\n- ${name} **failed**: ${failure}`);
}
