/** What `--workers` brings: rate and processor time per request with one process and with two (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder, startProgram, stopChild, waitFor } from '../children.js';
import { loadHttp } from '../load.js';
import { readWhenThere, root } from '../peers/index.js';
import { median, pairedRatio } from '../statistics.js';
import { number, table } from '../tables.js';

/** How many processes accept connections, in each row. */
const workerCounts = [1, 2];
/** The processes of the estimate. */
const estimated = 8;

/**
 * @typedef {object} Round
 * @property {number} perSecond
 * @property {number} cpuMs of all processes, for each request
 * @property {number} mainMs of the process that the others are started by, for each request
 */

/**
 * Recording proxies with 1 and 2 workers, in turns, on the same requests.
 * @param {{rounds: number, seconds: number, warmup: number, connections: number, results: string,
 *   upstream: import('../upstream.js').Upstream}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureWorkers(settings) {
  const { rounds, seconds, warmup, connections } = settings;
  /** @type {Map<number, Round[]>} */
  const measured = new Map(workerCounts.map((workers) => [workers, []]));
  /** @type {Map<number, Awaited<ReturnType<typeof start>>>} */
  const proxies = new Map();
  try {
    for (const workers of workerCounts) proxies.set(workers, await start(workers));
    for (const [workers, proxy] of proxies) {
      // Each worker compiles its code anew, so that it needs the same number of requests for that.
      const settled = { ...settings, seconds: warmup * workers };
      await load(proxy, settled, `${workers}-warm-up`);
    }
    for (let round = 1; round <= rounds; round++) {
      const turns = round % 2 ? workerCounts : workerCounts.toReversed();
      for (const workers of turns) {
        const result = await load(proxies.get(workers), settings, `${workers}-${round}`);
        measured.get(workers).push(result);
        console.error(`  workers ${round}: ${workers} ${number(result.perSecond)}/s`);
      }
    }
  } finally {
    for (const { child, folder } of proxies.values()) {
      await stopChild(child);
      removeFolder(folder);
    }
  }
  const valuesOf = (workers, name) => measured.get(workers).map((round) => round[name]);
  const rows = workerCounts.map((workers) => [
    `--workers ${workers}`,
    number(median(valuesOf(workers, 'perSecond'))),
    `${number(pairedRatio(valuesOf(workers, 'perSecond'), valuesOf(1, 'perSecond')), 2)}x`,
    number(median(valuesOf(workers, 'cpuMs')), 3),
    `${number(pairedRatio(valuesOf(workers, 'cpuMs'), valuesOf(1, 'cpuMs')), 2)}x`,
    workers === 1 ? '-' : number(median(valuesOf(workers, 'mainMs')), 3),
  ]);
  const heads = ['save', 'requests/s', 'of 1', 'CPU ms per request', 'of 1', 'of it main process'];
  const title = `### Workers: HTTP, 1 KB of JSON (${connections} connections, ${rounds} rounds of ${seconds} s, medians)\n`;
  const estimate = estimateOf(
    median(valuesOf(2, 'cpuMs')),
    median(valuesOf(2, 'mainMs')),
    median(valuesOf(1, 'cpuMs')),
  );
  const markdown = [title, table(heads, rows, ['save']), `\n- ${estimate}`].join('\n');
  return { markdown, data: { workers: Object.fromEntries(measured) } };
}

// The rate on two cores that load and upstream share says little: it is the processor time that scales.
function estimateOf(cpuMs, mainMs, singleMs) {
  const one = 1000 / singleMs;
  const many = Math.min((estimated * 1000) / (cpuMs - mainMs), 1000 / mainMs);
  return (
    `By processor time per request, one process carries at most ${number(one)} requests a second, and ` +
    `${estimated} workers with a core each ${number(many)} (${number(many / one, 1)}x), besides what load and upstream take.`
  );
}

async function start(workers) {
  const folder = makeFolder('workers');
  const readyFile = join(folder, 'ready.json');
  const own = ['--workers', `${workers}`, '--port', '0', '--quiet', '--ready-file', readyFile];
  const output = ['--no-upstream', '-o', join(folder, 'out.json')];
  const args = [join(root, 'bin/pmproxy.js'), 'save', ...own, ...output];
  const env = { HOME: folder, PMPROXY_HOME: join(folder, 'home') };
  const logFile = join(folder, 'log.txt');
  const child = await startProgram(process.execPath, args, { cwd: folder, env, logFile });
  const { port } = await waitFor(child, (signal) => readWhenThere(readyFile, signal));
  return { child, port, folder };
}

/** @returns {Promise<Round>} */
async function load({ child, port }, { connections, seconds, results, upstream }, label) {
  const url = `http://127.0.0.1:${upstream.httpPort}/1k.json`;
  const rawFile = join(results, `workers-${label}.txt`);
  const before = cpuMsOf(child.pid);
  const result = await loadHttp({ proxyPort: port, url, connections, seconds, rawFile });
  const after = cpuMsOf(child.pid);
  if (!(result.perSecond > 0) || result.errors > 0) throw new Error(`${result.errors} errors`);
  return {
    perSecond: result.perSecond,
    cpuMs: (after.all - before.all) / result.requests,
    mainMs: (after.main - before.main) / result.requests,
  };
}

/** The processor time of a process, and that together with the processes that it has started; in milliseconds. */
function cpuMsOf(pid) {
  const times = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => timesOf(Number(name)));
  const sum = (wanted) => times.filter(wanted).reduce((all, { ms }) => all + ms, 0);
  return {
    main: sum((one) => one.pid === pid),
    all: sum((one) => one.pid === pid || one.parent === pid),
  };
}

/** Fields 4, 14 and 15 of proc(5), stat; the times are in hundredths of a second. Zero when it has just gone. */
function timesOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { pid, parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * 10 };
  } catch {
    return { pid, parent: 0, ms: 0 };
  }
}
