/** The facts without which no number here means anything. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { tools } from './load.js';
import { findProgram } from './upstream.js';

/** The load average over 1, 5 and 15 minutes: what else the machine does, and the bench itself. */
export function loadText() {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');
}

/**
 * @param {import('./node-versions.js').NodeVersion[]} nodes that run pmproxy and the bare proxy, if not the bench's own
 * @returns {string} a markdown list
 */
export function machineFacts(nodes) {
  const others = nodes.map(({ version }) => version).join(', ');
  const upstream = findProgram('nginx')
    ? `nginx ${nginxVersion()}`
    : 'node:http (nginx is not installed)';
  return [
    `- ${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `- ${type()} ${release()}, Node ${process.version}${others && `; pmproxy and the bare proxy on ${others}`}`,
    `- upstream ${upstream}; load by ${tools.http} over HTTP, by ${tools.https} over HTTPS; all on this machine`,
    `- load average before: ${loadText()}`,
  ].join('\n');
}

function nginxVersion() {
  const said = execFileSync('sh', ['-c', `"${findProgram('nginx')}" -v 2>&1`], {
    encoding: 'utf8',
  });
  return /nginx\/(\S+)/.exec(said)?.[1] ?? '';
}
