/** The history page in a real browser, with a long history: does it stay smooth, and what does it hold. */
import { chromium } from 'playwright-core';
import { fill, openProxy, withClient } from '../running-client.js';
import { number, table } from '../tables.js';

const targets = { taskMs: 50, heapMb: 150 };
const steps = 200;
const filters = ['orders', '/items\\?page=[0-4]/ -size=51', 'nothing-like-it', ''];
const loadMs = 300_000;

/**
 * The longest task of the page's main thread in each of the things that people do, and its heap afterwards.
 * @param {{history: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measurePage({ history }) {
  const measured = await withClient(async ({ url, ...client }) => {
    await fill(await openProxy({ url, ...client }), history);
    return inBrowser((browser) => measureIn(browser, url, history));
  });
  const { rows, heapMb, seconds } = measured;
  const head = ['with the page', 'longest ms', 'tasks over 50 ms', 'longest ms of processor'];
  const cells = rows.map(({ name, longest, over, processor }) => [
    name,
    longest === 0 ? 'under 50' : number(longest),
    number(over),
    number(processor, 1),
  ]);
  const worst = Math.max(...rows.map(({ processor }) => processor));
  const lines = [
    `### The history page with ${number(history)} calls\n`,
    table(head, cells),
    `\n- loaded in ${number(seconds, 1)} s, heap **${number(heapMb)}** MB (target: under ${targets.heapMb})`,
    `- no task takes more than **${number(worst, 1)}** ms of processor (target: under ${targets.taskMs})`,
  ];
  return { markdown: lines.join('\n'), data: { page: measured } };
}

/** @template T @param {(browser: import('playwright-core').Browser) => Promise<T>} run */
async function inBrowser(run) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  try {
    return await run(browser);
  } finally {
    await browser.close();
  }
}

/** @param {import('playwright-core').Browser} browser @param {string} url @param {number} history */
async function measureIn(browser, url, history) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(watchLongTasks);
  const start = performance.now();
  await page.goto(url);
  const count = `(${history.toLocaleString('en')}) pmproxy`;
  await page.waitForFunction((title) => document.title === title, count, { timeout: loadMs });
  const seconds = (performance.now() - start) / 1000;
  const doings = [
    ['scrolling through, a page at a time', () => page.evaluate(scroll, { by: 700, steps })],
    ['jumping from end to end', () => page.evaluate(scroll, { by: 0, steps })],
    ['typing filters', () => typeFilters(page)],
    ['showing the overview', () => showOverview(page)],
  ];
  const rows = [];
  for (const [name, run] of doings) {
    await page.evaluate(() => globalThis.longTasks.splice(0));
    await run();
    const tasks = await page.evaluate(() => globalThis.longTasks.splice(0));
    await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await run();
    const trace = JSON.parse(String(await browser.stopTracing()));
    const longest = Math.max(0, ...tasks);
    rows.push({ name, longest, over: tasks.length, processor: longestOnProcessor(trace) });
  }
  return { rows, seconds, heapMb: await heapOf(page) };
}

// These run in the page.
function watchLongTasks() {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask', buffered: true });
}

async function scroll({ by, steps }) {
  const list = document.querySelector('.calls');
  const step = by || (list.scrollHeight - list.clientHeight) / steps;
  list.scrollTop = 0;
  for (let done = 0; done < steps; done += 1) {
    list.scrollTop += step;
    await new Promise(requestAnimationFrame);
  }
  list.scrollTop = 0;
}

/** @param {import('playwright-core').Page} page */
async function typeFilters(page) {
  for (const filter of filters) {
    await page.fill('#filter-box', filter);
    await page.waitForTimeout(1000);
  }
  await page.keyboard.press('Escape');
}

/** @param {import('playwright-core').Page} page */
async function showOverview(page) {
  await page.keyboard.press('o');
  await page.waitForTimeout(1000);
  await page.keyboard.press('o');
}

/** Milliseconds that the longest task of the page's main thread was on a processor. */
function longestOnProcessor({ traceEvents }) {
  const threadOf = ({ pid, tid }) => `${pid}/${tid}`;
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(threadOf),
  );
  const times = traceEvents
    .filter((event) => event.tdur !== undefined && mains.has(threadOf(event)))
    .map(({ tdur }) => tdur / 1000);
  return times.reduce((most, time) => Math.max(most, time), 0);
}

/** Megabytes in use after a garbage collection. @param {import('playwright-core').Page} page */
async function heapOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6;
}
