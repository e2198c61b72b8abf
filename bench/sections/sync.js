/** What pushing costs traffic: `sync` to a running client, and to one that stalls, beside `save`. */
import { findingLine } from '../findings.js';
import { peers, syncPeers } from '../peers/index.js';
import { scenarioOf } from '../scenarios.js';
import { pairedRatio } from '../statistics.js';
import { measureThroughput } from './throughput.js';

/** Of save's rate: with a client that takes what comes, and with one that takes nothing. */
const target = { least: 0.9, next: 1 };

/**
 * `save` and `sync`, in turns, on the same requests.
 * @param {Omit<Parameters<typeof measureThroughput>[1], 'peers'> & {node?: string}} settings
 * @returns {ReturnType<typeof measureThroughput>}
 */
export async function measureSync(settings) {
  const { node } = settings;
  const save = peers.find(({ name }) => name === 'pmproxy');
  const scenario = {
    ...scenarioOf('http-1k'),
    name: 'sync-1k',
    title: 'sync: HTTP, 1 KB of JSON',
    target: undefined,
  };
  const measured = [save, ...syncPeers].map((peer) => ({
    ...peer,
    start: (place) => peer.start({ ...place, node }),
  }));
  const report = await measureThroughput(scenario, { ...settings, peers: measured });
  const run = (name) => report.data.runs.find(({ peer }) => peer === name);
  const rates = (name) => run(name).results.map(({ perSecond }) => perSecond);
  const cpu = (name) => run(name).results.map(({ cpuMs }) => cpuMs);
  const findings = syncPeers.map(({ name }) => ({
    what: `HTTP 1 KB, ${name} / save`,
    value: pairedRatio(rates(name), rates('pmproxy')),
    ratios: rates(name).map((rate, round) => rate / rates('pmproxy')[round]),
    cpu: pairedRatio(cpu(name), cpu('pmproxy')),
    target,
    failed: run(name).failure,
  }));
  const markdown = [report.markdown, '', ...findings.map(findingLine)].join('\n');
  return { markdown, data: report.data, findings };
}
