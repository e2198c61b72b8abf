/** What pushing costs traffic: `sync` to a running client, and to one that stalls, beside `save`. */
import { peers, syncPeers } from '../peers/index.js';
import { pairedRatio } from '../statistics.js';
import { number } from '../tables.js';
import { measureThroughput, scenarios } from './throughput.js';

/** Of save's rate: with a client that takes what comes, and with one that takes nothing. */
const targets = { sync: 0.9, 'sync-stalled': 0.9 };

/**
 * `save` and `sync`, in turns, on the same requests.
 * @param {Omit<Parameters<typeof measureThroughput>[1], 'peers'>} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureSync(settings) {
  const save = peers.find(({ name }) => name === 'pmproxy');
  const scenario = { ...scenarios[0], name: 'sync-1k', title: 'sync: HTTP, 1 KB of JSON' };
  const report = await measureThroughput(scenario, { ...settings, peers: [save, ...syncPeers] });
  const rates = (name) =>
    report.data.runs.find(({ peer }) => peer === name).results.map(({ perSecond }) => perSecond);
  const ratios = Object.fromEntries(
    syncPeers.map(({ name }) => [name, pairedRatio(rates(name), rates('pmproxy'))]),
  );
  const lines = syncPeers.map(({ name }) => {
    const ratio = Number.isFinite(ratios[name]) ? number(ratios[name], 2) : 'failed';
    return `- ${name} runs at **${ratio}** of save's rate (target: at least ${targets[name]})`;
  });
  const markdown = `${report.markdown}\n${lines.join('\n')}`;
  return { markdown, data: { ...report.data, ratios } };
}
