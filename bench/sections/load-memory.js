/** Memory of `pmproxy save` under full load with large bodies, for minutes. */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder, stopChild } from '../children.js';
import { findingLine } from '../findings.js';
import { startPmproxy } from '../peers/index.js';
import { scenarioOf } from '../scenarios.js';
import { growthOf } from '../soak/samples.js';
import { number, table } from '../tables.js';
import { memoryOf } from './memory.js';

const sampleMs = 1_000;
const warmupSeconds = 30;

/**
 * @param {{loadMinutes: number, connections: number, diskGb: number, results: string, node?: string,
 *   upstream: import('../upstream.js').Upstream}} settings
 * @returns {Promise<{markdown: string, data: object, findings: import('../findings.js').Finding[]}>}
 * @throws where there is no /proc to read memory from
 */
export async function measureLoadMemory(settings) {
  const { loadMinutes, connections, diskGb, results, upstream, node } = settings;
  const scenario = scenarioOf('http-100k');
  const folder = makeFolder('load-memory');
  try {
    const child = await startPmproxy({ folder, tls: upstream, node });
    const samples = [];
    const start = performance.now();
    const watch = setInterval(() => {
      samples.push({
        seconds: (performance.now() - start) / 1000,
        mb: memoryOf(child.pid).residentMb,
      });
      emptyBlob(folder, diskGb * 1e9);
    }, sampleMs);
    try {
      const result = await scenario.drive({
        connections,
        proxyPort: child.port,
        rawFile: join(results, 'load-memory.txt'),
        seconds: loadMinutes * 60,
        url: scenario.urlOf(upstream),
      });
      return report({ result, samples, peak: memoryOf(child.pid).peakMb }, loadMinutes);
    } finally {
      clearInterval(watch);
      await stopChild(child);
    }
  } finally {
    removeFolder(folder);
  }
}

/**
 * Gives the disk back what the bodies take: they are appended, and nothing reads them before the end, which this recording
 * does not have.
 * @param {string} folder that pmproxy's home is in
 * @param {number} limit in bytes
 */
function emptyBlob(folder, limit) {
  const journals = join(folder, 'home', 'journals');
  for (const name of readdirSync(journals)) {
    const blob = join(journals, name, 'bodies.bin');
    if (statSync(blob).size > limit) truncateSync(blob);
  }
}

function report({ result, samples, peak }, minutes) {
  const warmup = Math.min(warmupSeconds, minutes * 15);
  const { first, last, perHour } = growthOf(samples, warmup, (minutes * 60 - warmup) / 4);
  const perMinute = perHour / 60;
  const label = `HTTP 100 KB, ${number(minutes)} minutes of load, save`;
  const findings = [
    {
      what: `${label}: peak of memory`,
      value: peak,
      unit: 'MB',
      digits: 0,
      target: { most: 200, next: 150 },
    },
    {
      what: `${label}: slope of memory after ${number(warmup)} s`,
      value: perMinute,
      unit: 'MB/min',
      digits: 1,
      target: { most: 1 },
    },
  ];
  const figures = [result.requests, result.perSecond, result.errors, first, last, peak];
  const head = ['exchanges', 'per second', 'errors', 'first quarter MB', 'last quarter MB'];
  const markdown = [
    `### Memory under load (${number(minutes)} minutes, bodies of 100 KB)\n`,
    table([...head, 'peak MB'], [figures.map((value) => number(value))]),
    '',
    ...findings.map(findingLine),
  ].join('\n');
  return { markdown, data: { loadMemory: { result, samples, peak, first, last } }, findings };
}
