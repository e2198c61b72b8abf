/** What rewriting costs: `filter` on marked requests beside `save`, and the delay of event streams. */
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder, removeFolder, stopChild } from '../children.js';
import { filterPeer, peers } from '../peers/index.js';
import { scenarioOf } from '../scenarios.js';
import { median, pairedRatio, percentile } from '../statistics.js';
import { number, table } from '../tables.js';
import { measureThroughput } from './throughput.js';

const targets = { rate: 0.9, delayMs: 5 };

/**
 * `filter` with three marked headers and `save` without, in turns.
 * @param {Omit<Parameters<typeof measureThroughput>[1], 'peers'>} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureFilter(settings) {
  const save = peers.find(({ name }) => name === 'pmproxy');
  const title = 'filter: three marked headers, HTTP, 1 KB of JSON';
  const scenario = { ...scenarioOf('http-1k'), name: 'filter-1k', title, target: undefined };
  const report = await measureThroughput(scenario, { ...settings, peers: [save, filterPeer] });
  const rates = (name) =>
    report.data.runs.find(({ peer }) => peer === name).results.map(({ perSecond }) => perSecond);
  const ratio = pairedRatio(rates('filter'), rates('pmproxy'));
  const line = `\n- filter runs at ${verdict(ratio, 2)} of save's rate (target: at least ${targets.rate})`;
  return { markdown: report.markdown + line, data: { ...report.data, ratio } };
}

/**
 * The delay from an event's sending to its arrival, straight and through `filter`, in rounds that take turns.
 * @param {{rounds: number, events: number, upstream: import('../upstream.js').Upstream}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureEventDelay({ rounds, events, upstream }) {
  const server = http.createServer((_, response) => void sendEvents(response, events));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = makeFolder('filter-events');
  const proxy = await filterPeer.start({ folder, tls: upstream });
  const [direct, filtered] = [[], []];
  try {
    const { port } = server.address();
    for (let round = 0; round <= rounds; round++) {
      const straight = await delaysOf(port, port, events);
      const through = await delaysOf(proxy.port, port, events);
      if (round === 0) continue; // warm-up
      direct.push(...straight);
      filtered.push(...through);
    }
  } finally {
    await stopChild(proxy);
    removeFolder(folder);
    server.close();
  }
  const added = median(filtered) - median(direct);
  const row = (name, delays) => [
    name,
    number(median(delays), 2),
    number(percentile(delays, 0.99), 2),
    number(Math.max(...delays), 2),
  ];
  const rows = [row('straight', direct), row('pmproxy filter', filtered)];
  const markdown = [
    `### Event stream (${rounds} rounds of ${events} events)\n`,
    table(['way', 'median ms', 'p99 ms', 'highest ms'], rows),
    `\n- filter adds ${verdict(added, 2)} ms at the median (target: under ${targets.delayMs})`,
  ];
  return { markdown: markdown.join('\n'), data: { eventDelay: { direct, filtered, added } } };
}

/** Each event says when it was sent, by the clock that its reader has too. */
async function sendEvents(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let event = 0; event < events; event++) {
    response.write(`data: ${performance.now()}\n\n`);
    await delay(5);
  }
  response.end();
}

/**
 * @param {number} to the proxy's port, or the server's own
 * @param {number} port of the server
 * @param {number} events that must arrive
 * @returns {Promise<number[]>} milliseconds
 * @throws when some are missing
 */
async function delaysOf(to, port, events) {
  const host = `127.0.0.1:${port}`;
  const headers = { host, ...filterPeer.headers };
  const path = to === port ? '/' : `http://${host}/`;
  const request = http.get({ agent: false, headers, host: '127.0.0.1', path, port: to });
  const [response] = await once(request, 'response');
  const delays = [];
  let text = '';
  for await (const chunk of response) {
    const now = performance.now();
    const parts = (text + chunk).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) delays.push(now - Number(part.replace('data: ', '')));
  }
  if (delays.length !== events) throw new Error(`${delays.length} of ${events} events arrived`);
  return delays;
}

/** @param {number} value @param {number} digits */
function verdict(value, digits) {
  return `**${Number.isFinite(value) ? number(value, digits) : 'failed'}**`;
}
