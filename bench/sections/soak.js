/** Mixed traffic at a fixed rate for an hour: whether everything is recorded and pushed, and whether memory grows. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeFolder, removeFolder, startScript, stopChild } from '../children.js';
import { startClient, startCommand } from '../peers/index.js';
import { cpuSeconds } from '../processor-time.js';
import { openPage } from '../running-client.js';
import { countUrl, followJournal } from '../soak/counts.js';
import { createLoad } from '../soak/load.js';
import { growthOf } from '../soak/samples.js';
import { number, table } from '../tables.js';
import { memoryOf } from './memory.js';

const targetMb = 20;
const sampleMs = 5_000;
/** How long the end waits for further exchanges to be recorded and pushed: on a busy machine, pushing lags behind. */
const stalledMs = 60_000;
const stopLimitMs = 60_000;

/**
 * @param {{minutes: number, rate: number, upstream: import('../upstream.js').Upstream, results: string, node?: string}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 * @throws when a process ends early
 */
export async function measureSoak(settings) {
  const { upstream, node } = settings;
  const folder = makeFolder('soak');
  const place = { folder, tls: upstream, node };
  const children = [];
  const keep = (child) => {
    children.unshift(child);
    return child;
  };
  try {
    const script = fileURLToPath(new URL('../soak/upstream.js', import.meta.url));
    const args = [upstream.cert, upstream.key];
    const servers = keep(await startScript(script, args, { logFile: join(folder, 'servers.txt') }));
    const client = keep(await startClient(place));
    const address = `ws://127.0.0.1:${client.port}/capture`;
    const proxy = keep(
      await startCommand(place, ['sync', '--no-client', '--client', address, '--name', 'soak']),
    );
    const measured = await soak({ servers, client, proxy, folder }, settings);
    measured.endedWith = await endOf(proxy);
    return report(measured, settings);
  } finally {
    for (const child of children) await stopChild(child);
    removeFolder(folder);
  }
}

/** Ctrl+C. @param {import('../children.js').Child} proxy @returns {Promise<string>} its exit code, or what happened */
async function endOf(proxy) {
  const inTime = await stopChild(proxy, 'SIGINT', stopLimitMs);
  return inTime ? String(proxy.process.exitCode) : `not within ${stopLimitMs / 1000} s`;
}

async function soak({ servers, client, proxy, folder }, { minutes, rate, results }) {
  const seconds = minutes * 60;
  const page = await openPage(client);
  const pushed = {};
  page.onRows = (rows) => {
    for (const { url } of rows) countUrl(pushed, url);
  };
  const ports = {
    proxy: proxy.port,
    plain: servers.port,
    secure: servers.securePort,
    grpc: servers.grpcPort,
  };
  const load = createLoad(ports, rate);
  const journal = await followJournal(join(folder, 'home'));
  const samples = { proxy: [], client: [] };
  const start = performance.now();
  const watch = setInterval(() => {
    const passed = (performance.now() - start) / 1000;
    samples.proxy.push({ seconds: passed, mb: memoryOf(proxy.pid).residentMb });
    samples.client.push({ seconds: passed, mb: memoryOf(client.pid).residentMb });
    writeFileSync(join(results, 'soak.json'), JSON.stringify({ samples, tallies: load.tallies }));
  }, sampleMs);
  const cpuBefore = cpuSeconds(proxy.pid);
  try {
    await load.run(seconds);
    const cpu = cpuSeconds(proxy.pid) - cpuBefore;
    clearInterval(watch);
    const lag = await settled(load.tallies, journal, pushed);
    return { tallies: load.tallies, recorded: journal.counts, pushed, samples, cpu, lag };
  } finally {
    clearInterval(watch);
    load.close();
    await journal.close();
    page.socket.terminate();
  }
}

/**
 * Waits until everything is recorded and pushed, or nothing more comes.
 * @returns {Promise<number>} how long that took, in seconds
 */
async function settled(tallies, journal, pushed) {
  const wanted = totalOf(Object.values(tallies).map(({ sent }) => sent));
  const start = performance.now();
  let [seen, movedAt] = [-1, start];
  for (;;) {
    await journal.read();
    const counted = Math.min(countOf(journal.counts), wanted) + Math.min(countOf(pushed), wanted);
    if (counted > seen) [seen, movedAt] = [counted, performance.now()];
    if (counted === 2 * wanted || performance.now() - movedAt > stalledMs) break;
    await delay(100);
  }
  return (movedAt - start) / 1000;
}

const totalOf = (values) => values.reduce((sum, value) => sum + value, 0);
const countOf = (counts) => totalOf(Object.values(counts).map(({ count }) => count));

function report(measured, { minutes, rate }) {
  const { tallies, recorded, pushed, samples, cpu, lag, endedWith } = measured;
  const rows = Object.entries(tallies).map(([kind, { sent, failures, slowestMs }]) => [
    kind,
    ...[sent, failures.length, recorded[kind]?.count ?? 0, pushed[kind]?.count ?? 0].map((value) =>
      number(value),
    ),
    number(duplicatesOf(recorded[kind]) + duplicatesOf(pushed[kind])),
    number(slowestMs / 1000, 1),
  ]);
  const sent = totalOf(Object.values(tallies).map((tally) => tally.sent));
  const failures = Object.values(tallies).flatMap((tally) => tally.failures);
  const same =
    failures.length === 0 &&
    Object.entries(tallies).every(
      ([kind, tally]) => recorded[kind]?.count === tally.sent && pushed[kind]?.count === tally.sent,
    ) &&
    countOf(recorded) === sent &&
    countOf(pushed) === sent;
  const warmup = Math.min(300, minutes * 15);
  const part = Math.min(300, (minutes * 60 - warmup) / 4);
  const memory = {
    proxy: growthOf(samples.proxy, warmup, part),
    client: growthOf(samples.client, warmup, part),
  };
  const memoryRow = (name, { first, last, growth, perHour, peak }) => [
    name,
    ...[first, last, growth, perHour, peak].map((mb) => number(mb)),
  ];
  const markdown = [
    `### Soak: ${number(minutes)} minutes, ${number(rate)} exchanges a second\n`,
    table(['kind', 'sent', 'failed', 'recorded', 'pushed', 'twice', 'slowest s'], rows),
    '',
    table(
      ['process', 'after warm-up MB', 'at the end MB', 'growth MB', 'MB per hour', 'peak MB'],
      [
        memoryRow('pmproxy sync', memory.proxy),
        memoryRow('pmproxy client, a row for each', memory.client),
      ],
    ),
    `\n- sent = recorded = pushed: **${same ? 'yes' : 'NO'}**, ${number(sent)} exchanges; the last was pushed ${number(lag, 1)} s after the end`,
    `- the proxy grows by **${number(memory.proxy.growth, 1)}** MB after ${number(warmup)} s (target: under ${targetMb})`,
    `- processor time of the proxy: ${number((cpu / sent) * 1000, 2)} ms per exchange; exit code after Ctrl+C: ${endedWith}`,
    ...failures.slice(0, 10).map((failure) => `- failed: ${failure}`),
  ].join('\n');
  return {
    markdown,
    data: { soak: { sent, failures, same, memory, cpu, lag, endedWith, samples } },
  };
}

/** @param {{count: number, numbers: Set<number>} | undefined} counted */
function duplicatesOf(counted) {
  return counted && counted.numbers.size > 0 ? counted.count - counted.numbers.size : 0;
}
