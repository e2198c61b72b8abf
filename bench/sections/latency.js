/** What a proxy adds to a single request: one connection, one request after the other. */
import { findingLine } from '../findings.js';
import { loadNode } from '../load.js';
import { scenarioOf } from '../scenarios.js';
import { median } from '../statistics.js';
import { number } from '../tables.js';
import { measureThroughput } from './throughput.js';

const target = { most: 1.1, next: 1 };

/**
 * The median time of a request through pmproxy and through the bare proxy, each less that of a request without a proxy.
 * @param {Parameters<typeof measureThroughput>[1]} settings
 * @returns {ReturnType<typeof measureThroughput>}
 */
export async function measureLatency(settings) {
  const scenario = {
    ...scenarioOf('http-1k'),
    name: 'latency',
    title: 'One request after the other, HTTP, 1 KB of JSON',
    drive: loadNode,
    only: ['bare', 'pmproxy'],
    target: undefined,
  };
  const report = await measureThroughput(scenario, { ...settings, connections: 1 });
  const { runs } = report.data;
  const of = (name) => runs.find(({ peer }) => peer === name);
  const times = (name) => of(name)?.results.map(({ p50Ms }) => p50Ms) ?? [];
  const direct = times('none');
  const added = (name) => times(name).map((ms, round) => ms - direct[round]);
  const own = runs.filter(({ peer }) => peer.startsWith('pmproxy'));
  const findings = own.flatMap(({ peer, failure }) => {
    const bare = peer.replace('pmproxy', 'bare');
    if (!of(bare)) return [];
    const ratios = added(peer).map((ms, round) => ms / added(bare)[round]);
    const value = median(ratios);
    const [, node] = peer.split('@');
    const what = `added latency at the median, save / bare${node ? `, Node ${node}` : ''}`;
    return [{ what, value, ratios, target, failed: failure ?? of(bare).failure }];
  });
  const lines = runs.map(({ peer }) => {
    const ms = median(times(peer));
    const more = peer === 'none' ? '' : `, ${number(median(added(peer)), 3)} ms added`;
    return `- ${peer}: ${number(ms, 3)} ms at the median${more}`;
  });
  const markdown = [report.markdown, '', ...lines, ...findings.map(findingLine)].join('\n');
  return { markdown, data: report.data, findings };
}
