/** What redaction, folders and templates add to the time in which a recording is converted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, pairedRatio } from '../statistics.js';
import { number, table } from '../tables.js';

const program = fileURLToPath(new URL('../exporting.js', import.meta.url));
const rounds = 3;
const target = 1.3;

/** Processor time, which other work on the machine does not lengthen much; runs alternate. */
const ways = [
  { name: 'plain', options: { secrets: 'keep', group: 'none' } },
  { name: 'redacted, in folders', options: { secrets: 'redact', group: 'auto', sharedAuth: true } },
  { name: 'the same as endpoints', options: { secrets: 'redact', shape: 'endpoints' } },
  { name: 'the same with tests', options: { secrets: 'redact', tests: true } },
];

/**
 * @param {{converted: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureExtras({ converted }) {
  const folder = await mkdtemp(join(tmpdir(), 'pmproxy-bench-'));
  try {
    const journal = await run('fill', folder, String(converted));
    const templatesMs = Number(await run('templates', journal));
    const times = ways.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [at, { options }] of ways.entries()) {
        const { cpuMs } = JSON.parse(await run('render', journal, JSON.stringify(options)));
        // The names of all are made of templates; the measure is what it takes without.
        times[at].push(at === 0 ? cpuMs - templatesMs : cpuMs);
      }
    }
    return report(converted, times, templatesMs);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report(converted, times, templatesMs) {
  const [plain] = times;
  const rows = ways.map(({ name }, at) => {
    const ratio = at === 0 ? '1.00x' : `${number(pairedRatio(times[at], plain), 2)}x`;
    return [name, number(median(times[at])), ratio];
  });
  const lines = [
    `### Exporting ${number(converted)} exchanges (${rounds} alternating runs)\n`,
    table(['to a collection', 'ms of processor', 'ratio'], rows),
    `\n- plain is without the ${number(templatesMs)} ms that templates take (target for the second row: under ${number(target, 2)}x)`,
  ];
  return { markdown: lines.join('\n'), data: { extras: { times, templatesMs } } };
}

/** @param {string[]} args */
async function run(...args) {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exporting.js ${args[0]} ended with ${code}`);
  return output;
}
