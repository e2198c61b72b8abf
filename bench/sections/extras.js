/** What redaction, folders and templates add to the time in which a recording is converted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, pairedRatio } from '../statistics.js';
import { number, table } from '../tables.js';
import { writeJournal } from './conversion.js';

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

/** What is exported, and in which of these ways. */
const recordings = [
  { name: 'what export writes: no secret in it', ways: ways.slice(0, 2), fill: writeJournal },
  {
    name: 'an API of 2,000 users: a secret in every request and every answer',
    ways,
    fill: (folder, count) => run('fill', folder, String(count)),
  },
];

/**
 * @param {{converted: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureExtras({ converted }) {
  const folder = await mkdtemp(join(tmpdir(), 'pmproxy-bench-'));
  try {
    const measured = [];
    for (const recording of recordings) {
      const journal = await recording.fill(folder, converted);
      measured.push({ ...recording, ...(await measureWays(journal, recording.ways)) });
      await rm(journal, { recursive: true });
    }
    return report(converted, measured);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureWays(journal, some) {
  const templatesMs = Number(await run('templates', journal));
  const times = some.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, { options }] of some.entries()) {
      const { cpuMs } = JSON.parse(await run('render', journal, JSON.stringify(options)));
      // The names of all are made of templates; the measure is what it takes without.
      times[at].push(at === 0 ? cpuMs - templatesMs : cpuMs);
    }
  }
  return { times, templatesMs };
}

function report(converted, measured) {
  const tables = measured.map(({ name, ways: some, times, templatesMs }) => {
    const rows = some.map((way, at) => {
      const ratio = at === 0 ? '1.00x' : `${number(pairedRatio(times[at], times[0]), 2)}x`;
      return [way.name, number(median(times[at])), ratio];
    });
    return [
      `#### ${name}\n`,
      table(['to a collection', 'ms of processor', 'ratio'], rows),
      `\n- plain is without the ${number(templatesMs)} ms that templates take (target for the second row: under ${number(target, 2)}x)\n`,
    ].join('\n');
  });
  const title = `### Exporting ${number(converted)} exchanges (${rounds} alternating runs)\n`;
  const data = measured.map(({ name, times, templatesMs }) => ({ name, times, templatesMs }));
  return { markdown: [title, ...tables].join('\n'), data: { extras: data } };
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
