/** What a recording costs that is used afterwards: the rate of `mock` beside `save`, loading many calls, comparing them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from '../children.js';
import { mockPeer, peers } from '../peers/index.js';
import { scenarios } from '../scenarios.js';
import { pairedRatio } from '../statistics.js';
import { number } from '../tables.js';
import { conversionTable, runPmproxy, writeJournal } from './conversion.js';
import { measureThroughput } from './throughput.js';

const targets = { rate: 0.9 };
const mostRounds = 3;

/**
 * `mock` answering from a recording and `save` asking the server, in turns.
 * @param {Omit<Parameters<typeof measureThroughput>[1], 'peers'>} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureMock(settings) {
  const folder = makeFolder('mock');
  try {
    const { httpPort, bodies } = settings.upstream;
    const recording = join(folder, 'recorded.har');
    const url = `http://127.0.0.1:${httpPort}/1k.json`;
    writeFileSync(recording, JSON.stringify(harOf(url, bodies['1k.json'])));
    const save = peers.find(({ name }) => name === 'pmproxy');
    const scenario = { ...scenarios[0], name: 'mock-1k', title: 'mock: HTTP, 1 KB of JSON' };
    const report = await measureThroughput(scenario, {
      ...settings,
      peers: [save, mockPeer(recording)],
    });
    const rates = (name) =>
      report.data.runs.find(({ peer }) => peer === name).results.map(({ perSecond }) => perSecond);
    const ratio = pairedRatio(rates('mock'), rates('pmproxy'));
    const found = Number.isFinite(ratio) ? number(ratio, 2) : 'failed';
    const line = `\n- mock runs at **${found}** of save's rate (target: at least ${targets.rate})`;
    return { markdown: report.markdown + line, data: { ...report.data, ratio } };
  } finally {
    removeFolder(folder);
  }
}

function harOf(url, body) {
  const request = { method: 'GET', url, httpVersion: 'HTTP/1.1', headers: [] };
  const headers = [
    { name: 'Content-Type', value: 'application/json' },
    { name: 'Content-Length', value: String(body.length) },
  ];
  const content = { size: body.length, mimeType: 'application/json', text: body.toString() };
  const response = { status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1', headers, content };
  const startedDateTime = '2026-01-01T00:00:00.000Z';
  return { log: { version: '1.2', entries: [{ startedDateTime, time: 1, request, response }] } };
}

/**
 * Recordings of an API: loading one for `mock`, and comparing two with `diff`.
 * @param {{rounds: number, converted: number}} settings
 * @returns {Promise<{markdown: string, data: object}>}
 */
export async function measureRecorded({ rounds, converted }) {
  const folder = makeFolder('recorded');
  try {
    const journal = await writeJournal(folder, converted);
    const har = join(folder, 'recorded.har');
    await runPmproxy(folder, ['convert', journal, '-o', har, '--secrets', 'keep']);
    const [load, diff] = [
      { seconds: 5, mb: 300 },
      { seconds: 15, mb: 400 },
    ];
    const rows = [
      { name: 'mock, journal', target: load, args: ['mock', journal, '--', 'true'] },
      { name: 'mock, HAR', target: load, args: ['mock', har, '--', 'true'] },
      { name: 'diff, journals', target: diff, args: ['diff', journal, journal] },
      { name: 'diff, HAR', target: diff, args: ['diff', har, har] },
    ];
    const data = [];
    for (const { name, target, args } of rows) {
      const runs = [];
      for (let left = Math.min(rounds, mostRounds); left > 0; left -= 1)
        runs.push(await runPmproxy(folder, args));
      data.push({ name, target, runs });
    }
    const title = `### Using recordings of ${number(converted)} calls (targets for 100,000)\n`;
    return {
      markdown: [title, conversionTable('recording', data)].join('\n'),
      data: { recorded: data },
    };
  } finally {
    removeFolder(folder);
  }
}
