/** How long `pmproxy convert` takes for many exchanges and for a large file, and what memory it takes for that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from '../children.js';
import { root } from '../peers/index.js';
import { median } from '../statistics.js';
import { number, table } from '../tables.js';
import { memoryOf } from './memory.js';

const formats = [
  { format: 'postman', seconds: 8 },
  // What is between the two is what it takes to find secrets and to replace them.
  { format: 'postman', secrets: 'keep' },
  { format: 'har', seconds: 6 },
  { format: 'ndjson' },
];
const exportMb = 300;
const importMb = 500;
const mostRounds = 3;

/**
 * A journal of exchanges with 1 KB of JSON each way, all different, rendered in each format.
 * @param {{rounds: number, converted: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureExport({ rounds, converted }) {
  const folder = makeFolder('export');
  try {
    const journal = await writeJournal(folder, converted);
    const data = [];
    for (const { format, seconds, secrets = 'redact' } of formats) {
      const target = { seconds, mb: exportMb };
      const runs = [];
      for (let run = 0; run < Math.min(rounds, mostRounds); run++)
        runs.push(
          await convert(folder, journal, [
            ...['-f', format, '--secrets', secrets],
            ...['-o', join(folder, 'output')],
          ]),
        );
      data.push({ name: secrets === 'keep' ? `${format}, secrets kept` : format, target, runs });
    }
    const title = `### Writing ${number(converted)} exchanges of 1 KB each way (targets for 100,000)\n`;
    return {
      markdown: [title, conversionTable('format', data)].join('\n'),
      data: { export: data },
    };
  } finally {
    removeFolder(folder);
  }
}

/**
 * A HAR file of this size, read entry by entry and written as ndjson.
 * @param {{'har-mb': number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureImport({ 'har-mb': harMb }) {
  const folder = makeFolder('import');
  try {
    const file = join(folder, 'large.har');
    await writeHar(file, harMb * 1e6);
    const run = await convert(folder, file, ['-f', 'ndjson', '-o', '-']);
    const data = [
      {
        name: `${number(statSync(file).size / 1e6)} MB of HAR`,
        target: { mb: importMb },
        runs: [run],
      },
    ];
    const title = '### Reading a large HAR file (target for 1 GB)\n';
    return { markdown: [title, conversionTable('input', data)].join('\n'), data: { import: data } };
  } finally {
    removeFolder(folder);
  }
}

/** @param {string} what @param {object[]} data */
export function conversionTable(what, data) {
  const rows = data.map(({ name, target, runs }) => [
    name,
    number(median(runs.map(({ seconds }) => seconds)), 1),
    target.seconds === undefined ? '-' : `< ${target.seconds}`,
    number(median(runs.map(({ cpuSeconds }) => cpuSeconds)), 1),
    number(Math.max(...runs.map(({ peakMb }) => peakMb))),
    `< ${target.mb}`,
  ]);
  return table([what, 'seconds', 'target s', 'CPU seconds', 'peak MB', 'target MB'], rows);
}

/** @param {string} folder @param {string} input @param {string[]} args */
const convert = (folder, input, args) => runPmproxy(folder, ['convert', input, ...args]);

/**
 * @param {string} folder
 * @param {string[]} args a command and its arguments
 * @returns {Promise<{seconds: number, cpuSeconds: number, peakMb: number}>}
 * @throws when it fails
 */
export async function runPmproxy(folder, args) {
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin/pmproxy.js'), ...args], {
    env: { ...process.env, PMPROXY_HOME: join(folder, 'home') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  let peakMb = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, memoryOf(child.pid).peakMb);
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(child.pid));
  }, 20);
  const [code] = await once(child, 'close').finally(() => clearInterval(watch));
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${said.trim()}`);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds, peakMb };
}

/** Hundredths of a second, in user and system mode: fields 14 and 15 of proc(5), stat. Zero when it has just gone. */
function cpuSecondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/**
 * Exchanges with 1 KB of JSON each way, all different, without a secret.
 *
 * @param {string} folder @param {number} count @returns {Promise<string>} the journal's folder
 */
export async function writeJournal(folder, count) {
  const [{ Journal }, { createRecorder }, { compileFilters, everything }] = await Promise.all(
    ['journal', 'recorder', 'filters'].map((name) => import(join(root, `dist/record/${name}.js`))),
  );
  const journal = await Journal.create(folder, { version: 'bench', outputs: [] });
  const filters = compileFilters(everything);
  const recorder = createRecorder({ journal, filters, maxBodyBytes: 1e7, responses: true });
  for (let n = 0; n < count; n++) {
    record(recorder, n);
    if (recorder.congested) await new Promise((resume) => recorder.onceDrained(resume));
  }
  await recorder.finish();
  await journal.close();
  return journal.folder;
}

/** @param {number} n */
function body(n) {
  return JSON.stringify({ id: n, name: `item ${n}`, note: 'words of a text '.repeat(60) });
}

function record(recorder, n) {
  const bytes = Buffer.from(body(n));
  const common = [
    ['Content-Type', 'application/json'],
    ['Content-Length', String(bytes.length)],
  ];
  const tap = recorder.begin({
    method: 'POST',
    url: `http://api.test/items/${n}?page=${n % 50}`,
    httpVersion: '1.1',
    headers: [['Host', 'api.test'], ['User-Agent', 'bench'], ['Accept', '*/*'], ...common],
    startedAt: 1_700_000_000_000 + n,
  });
  tap.requestChunk(bytes);
  tap.requestSent();
  tap.response({ status: 200, statusText: 'OK', httpVersion: '1.1', headers: common });
  tap.responseChunk(bytes);
  tap.end({ kind: 'completed' });
}

/** @param {string} file @param {number} size in bytes */
async function writeHar(file, size) {
  const output = createWriteStream(file);
  const write = async (text) => {
    if (!output.write(text)) await once(output, 'drain');
    return text.length;
  };
  let written = await write(
    '{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[',
  );
  for (let n = 0; written < size; n++)
    written += await write(`${n === 0 ? '' : ','}\n${JSON.stringify(harEntry(n))}`);
  await write('\n]}}\n');
  output.end();
  await once(output, 'close');
}

function harEntry(n) {
  const text = body(n);
  const headers = [{ name: 'Content-Type', value: 'application/json' }];
  const common = { httpVersion: 'HTTP/1.1', cookies: [], headers, headersSize: -1 };
  const mimeType = 'application/json';
  return {
    startedDateTime: new Date(1_700_000_000_000 + n).toISOString(),
    time: 5,
    request: {
      method: 'POST',
      url: `http://api.test/items/${n}`,
      ...common,
      queryString: [],
      postData: { mimeType, text },
      bodySize: text.length,
    },
    response: {
      status: 200,
      statusText: 'OK',
      ...common,
      content: { size: text.length, mimeType, text },
      redirectURL: '',
      bodySize: text.length,
    },
    cache: {},
    timings: { send: 1, wait: 3, receive: 1 },
  };
}
