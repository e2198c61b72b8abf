/** How long `pmproxy --help` takes beside an empty Node program, in runs that alternate. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../peers/index.js';
import { median, pairedRatio } from '../statistics.js';
import { number, table } from '../tables.js';

/**
 * @param {{runs: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureStartup({ runs }) {
  const [node, pmproxy] = [[], []];
  let failure = '';
  for (let run = 0; run <= runs && !failure; run++) {
    const empty = await timeMs(['-e', '0']);
    const help = await timeMs([join(root, 'bin/pmproxy.js'), '--help']);
    if (help.code !== 0) failure = `\n- pmproxy **failed**: --help ended with ${help.code}`;
    if (run === 0) continue; // the first of each fills the disk cache
    node.push(empty.ms);
    pmproxy.push(help.ms);
  }
  const row = (name, times, ratio) => [
    name,
    number(median(times)),
    number(Math.min(...times)),
    ratio,
  ];
  const ratio = pairedRatio(pmproxy, node);
  const shown = Number.isFinite(ratio) && !failure ? `${number(ratio, 2)}x` : 'failed';
  const rows = [row('node -e 0', node, '1.00x'), row('pmproxy --help', pmproxy, shown)];
  const title = `### Start (${runs} alternating runs)\n`;
  const markdown = [title, table(['command', 'median ms', 'lowest ms', 'ratio'], rows), failure];
  return {
    markdown: markdown.filter(Boolean).join('\n'),
    data: { startup: { node, pmproxy, failure } },
  };
}

/** @param {string[]} args */
async function timeMs(args) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return { ms: performance.now() - start, code };
}
