/** The running client: how soon a row is in its pages, and what a history takes in memory. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fill, openPage, openProxy, withClient } from '../running-client.js';
import { median, percentile } from '../statistics.js';
import { number, table } from '../tables.js';
import { memoryOf } from './memory.js';

const targets = { delayMs: 50, residentMb: 300 };
const perSecond = 1000;

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
    await fill(proxy, history);
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
