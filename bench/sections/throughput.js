/** Requests per second of every proxy, in rounds that take turns, so that a slow minute hits all alike. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, lastLine, makeFolder, removeFolder, stopChild } from '../children.js';
import { findingLine } from '../findings.js';
import { cpuSeconds } from '../processor-time.js';
import { median, pairedRatio } from '../statistics.js';
import { number, table } from '../tables.js';

/** @typedef {import('../scenarios.js').Scenario} Scenario */
/**
 * @typedef {object} Run what one proxy did in one scenario
 * @property {import('../peers/index.js').Peer} peer
 * @property {(import('../load.js').Result & {cpuMs: number})[]} rounds with the proxy's processor time per request
 * @property {number} exchanges that passed since it was started with an empty folder
 * @property {number} [diskBytes] what a recording proxy had on disk by then
 * @property {import('../children.js').Child & {port: number}} [child]
 * @property {string} [folder]
 * @property {string} [failure] why there are no more rounds
 */
/**
 * @typedef {object} Settings
 * @property {import('../peers/index.js').Peer[]} peers
 * @property {import('../upstream.js').Upstream} upstream
 * @property {number} rounds
 * @property {number} seconds per round
 * @property {number} warmup seconds before the first
 * @property {number} connections
 * @property {number} diskGb a recording proxy that holds more after a round starts anew
 * @property {string} results folder for the raw outputs
 */

/**
 * @param {Scenario} scenario
 * @param {Settings} settings
 * @returns {Promise<{markdown: string, data: object, findings: import('../findings.js').Finding[]}>}
 */
export async function measureThroughput(scenario, settings) {
  const direct = { peer: { name: 'none', what: 'no proxy' }, rounds: [], exchanges: 0 };
  const takesPart = ({ name }) => !scenario.only || scenario.only.includes(kindOf(name));
  const runs = settings.peers.filter(takesPart).map((peer) => ({ peer, rounds: [], exchanges: 0 }));
  try {
    for (const run of runs) await attempt(run, () => start(run, scenario, settings));
    for (const run of runs) await attempt(run, () => warmUp(run, scenario, settings));
    for (let round = 0; round < settings.rounds; round++) {
      // The one that begins a round is another one each time, and every other round goes backwards.
      const all = [direct, ...runs];
      const first = round % all.length;
      const turns = [...all.slice(first), ...all.slice(0, first)];
      for (const run of round % 2 ? turns.reverse() : turns)
        await attempt(run, () => measure(run, scenario, settings, round + 1));
    }
  } finally {
    for (const run of runs) await stop(run);
  }
  return report(scenario, settings, [direct, ...runs]);
}

/**
 * A proxy that fails is out of the race, but stays in the table.
 * @param {Run} run
 * @param {() => Promise<void>} step
 */
async function attempt(run, step) {
  if (run.failure) return;
  try {
    await step();
  } catch (error) {
    run.failure = error.message;
    console.error(`  ${run.peer.name} failed: ${error.message}`);
    await stop(run);
  }
}

/** @param {Run} run @param {Scenario} scenario @param {Settings} settings */
async function start(run, scenario, settings) {
  if (run.peer.version() === undefined) throw new Error('not installed');
  run.folder = makeFolder(run.peer.name);
  run.exchanges = 0;
  run.diskBytes = undefined;
  const { cert, key } = settings.upstream;
  run.child = await run.peer.start({ folder: run.folder, tls: { cert, key } });
  await check(run, scenario, settings);
}

/** @param {Run} run @param {Scenario} scenario @param {Settings} settings */
async function check({ child, peer }, scenario, { upstream }) {
  if (!child || !isRunning(child)) {
    throw new Error(`${peer.name} ended under load: ${child ? lastLine(child.logFile) : ''}`);
  }
  const cert = new X509Certificate(readFileSync(upstream.cert));
  // The bare proxy opens TLS with the upstream's own certificate, so there is nothing to tell them apart by.
  const opened = kindOf(peer.name) === 'bare' ? {} : { upstreamFingerprint: cert.fingerprint256 };
  await scenario.verify(child.port, scenario.urlOf(upstream), {
    body: upstream.bodies[scenario.file],
    ...opened,
  });
}

/** @param {Run} run @param {Scenario} scenario @param {Settings} settings */
async function warmUp(run, scenario, settings) {
  await load(run, scenario, settings, 'warm-up');
  await settled(run.child.pid);
}

/** @param {Run} run @param {Scenario} scenario @param {Settings} settings @param {number} round */
async function measure(run, scenario, settings, round) {
  const before = run.child && cpuSeconds(run.child.pid);
  const result = await load(run, scenario, settings, String(round));
  const used = run.child ? cpuSeconds(run.child.pid) - before : Number.NaN;
  run.rounds.push({ ...result, cpuMs: (used * 1000) / result.requests });
  console.error(`  ${scenario.name} ${round}: ${run.peer.name} ${number(result.perSecond)}/s`);
  if (!run.child) return;
  await check(run, scenario, settings);
  await settled(run.child.pid);
  if (!run.peer.records) return;
  execFileSync('sync'); // what it wrote shall not go to the disk in the next one's time
  run.diskBytes = folderBytes(run.folder);
  if (run.diskBytes < settings.diskGb * 1e9 || round === settings.rounds) return;
  await stop(run);
  await start(run, scenario, settings);
  await load(run, scenario, settings, `warm-up-${round}`);
}

/**
 * Waits until a proxy has done what its answers did not wait for, such as pushing what it recorded. It would be done in the
 * next one's time.
 * @param {number} pid
 */
async function settled(pid) {
  for (let waited = 0; waited < mostSettlingMs; waited += settlingMs) {
    const before = cpuSeconds(pid);
    await delay(settlingMs);
    // False for a process that is gone, too.
    if (!(cpuSeconds(pid) - before > 0.1 * (settlingMs / 1000))) return;
  }
}

const settlingMs = 500;
const mostSettlingMs = 60_000;

/** @param {Run} run @param {Scenario} scenario @param {Settings} settings @param {string} label */
async function load(run, scenario, settings, label) {
  const { connections, results, upstream } = settings;
  const seconds = label.startsWith('warm-up') ? settings.warmup : settings.seconds;
  const rawFile = join(results, `${scenario.name}-${run.peer.name}-${label}.txt`);
  const url = scenario.urlOf(upstream);
  const { headers } = run.peer;
  const proxyPort = run.child?.port;
  const bodyFile = join(upstream.folder, scenario.file);
  const asked = { connections, headers, proxyPort, rawFile, seconds, url, bodyFile };
  const result = await scenario.drive(asked);
  const expected = result.requests * upstream.bodies[scenario.file].length;
  if (!(result.perSecond > 0)) throw new Error('not one good answer under load');
  if (result.errors === 0 && result.bytes < expected)
    throw new Error('answers cut short under load');
  run.exchanges += result.requests;
  return result;
}

/** @param {Run} run */
async function stop(run) {
  if (run.child) await stopChild(run.child);
  if (run.folder) removeFolder(run.folder);
  run.child = undefined;
  run.folder = undefined;
}

/** @param {string} folder */
function folderBytes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

/** @param {Scenario} scenario @param {Settings} settings @param {Run[]} runs */
function report(scenario, { rounds, seconds, connections, upstream }, runs) {
  const rows = runs.map((run) =>
    row(run, rates(sameNode(runs, run, 'bare')), rates(sameNode(runs, run, 'pmproxy'))),
  );
  const head = [
    'proxy',
    'version',
    'requests/s',
    'lowest-highest',
    'of bare',
    'pmproxy is',
    'CPU ms',
    'p99 ms',
  ];
  const checks = ['errors', 'disk per exchange'];
  const caption = `${connections === 1 ? 'one connection' : `${connections} at once`}, ${rounds} rounds of ${seconds} s, medians`;
  const failures = runs.filter((run) => run.failure);
  const bodyBytes = upstream.bodies[scenario.file].length;
  const losses = runs.filter((run) => diskPerExchange(run) < bodyBytes);
  const findings = scenario.target ? targetsOf(scenario, runs) : [];
  const markdown = [
    `### ${scenario.title} (${caption})\n`,
    table([...head, ...checks], rows, ['proxy', 'version']),
    ...findings.map((finding) => `\n${findingLine(finding)}`),
    ...failures.map(({ peer, failure }) => `\n- ${peer.name} **failed**: ${failure}`),
    ...losses.map(({ peer }) => `\n- ${peer.name} **wrote fewer bytes than passed through it**`),
  ].join('\n');
  const data = runs.map(({ peer, rounds: results, failure }) => ({
    peer: peer.name,
    results,
    failure,
  }));
  return { markdown, data: { scenario: scenario.name, runs: data }, findings };
}

/** `pmproxy` of `pmproxy@22`. @param {string} name */
const kindOf = (name) => name.split('@')[0];

/**
 * The run of a proxy that is compared with another run: on the same version of Node, if it runs on several.
 * @param {Run[]} runs @param {Run} run @param {string} kind
 * @returns {Run | undefined}
 */
function sameNode(runs, run, kind) {
  const [, node] = run.peer.name.split('@');
  const named = (name) => runs.find(({ peer }) => peer.name === name);
  return named(`${kind}@${node}`) ?? named(kind);
}

/** What pmproxy reaches of its target, on each version of Node. @param {Scenario} scenario @param {Run[]} runs */
function targetsOf({ label, target }, runs) {
  const own = runs.filter(({ peer }) => kindOf(peer.name) === 'pmproxy');
  return own.flatMap((run) => {
    const other = sameNode(runs, run, target.of);
    if (!other) return [];
    const [values, bases] = [rates(run), rates(other)];
    const cpu = pairedRatio(cpuOf(run), cpuOf(other));
    const [, node] = run.peer.name.split('@');
    const what = `${label}, save / ${target.of === 'none' ? 'no proxy' : target.of}${node ? `, Node ${node}` : ''}`;
    const ratios = values.map((value, round) => value / bases[round]).filter(Number.isFinite);
    const failed = run.failure ?? other.failure;
    return [{ what, value: pairedRatio(values, bases), ratios, cpu, target, failed }];
  });
}

/** @param {Run} run */
const cpuOf = (run) => run.rounds.map(({ cpuMs }) => cpuMs);

/** @param {Run} run @param {number[]} bare @param {number[]} pmproxy both by round */
function row(run, bare, pmproxy) {
  const values = rates(run);
  const errors = run.rounds.reduce((sum, result) => sum + result.errors, 0);
  const times = (ratio) => (Number.isFinite(ratio) ? `${number(ratio, 2)}x` : '-');
  const perExchange = diskPerExchange(run);
  return [
    run.peer.what,
    run.peer.version?.() ?? '-',
    run.failure ? 'failed' : number(median(values)),
    values.length ? `${number(Math.min(...values))}-${number(Math.max(...values))}` : '-',
    times(pairedRatio(values, bare)),
    times(pairedRatio(pmproxy, values)),
    number(median(cpuOf(run)), 3),
    number(median(run.rounds.map(({ p99Ms }) => p99Ms)), 1),
    number(errors),
    perExchange >= 0 ? `${number(perExchange)} B` : '-',
  ];
}

/**
 * @param {Run} run
 * @returns {number} NaN when it does not record, or failed before a round was over
 */
function diskPerExchange({ diskBytes, exchanges }) {
  return diskBytes === undefined ? Number.NaN : diskBytes / exchanges;
}

/** @param {Run | undefined} run */
function rates(run) {
  return run?.rounds.map(({ perSecond }) => perSecond) ?? [];
}
