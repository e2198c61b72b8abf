/** Measures pmproxy beside other proxies on this machine and prints the tables; see --help. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanUp } from './children.js';
import { loadText, machineFacts } from './machine.js';
import { readOptions, usage } from './options.js';
import { scenarios } from './scenarios.js';
import { measureHistory, measureRowDelay } from './sections/client.js';
import { measureExport, measureImport } from './sections/conversion.js';
import { measureExtras } from './sections/extras.js';
import { measureEventDelay, measureFilter } from './sections/filter.js';
import { measureLatency } from './sections/latency.js';
import { measureLaunch } from './sections/launch.js';
import { measureLoadMemory } from './sections/load-memory.js';
import { measureDownload, measureRecording } from './sections/memory.js';
import { measureMock, measureRecorded } from './sections/mock.js';
import { measurePage } from './sections/page.js';
import { measureSoak } from './sections/soak.js';
import { measureStartup } from './sections/startup.js';
import { measureSync } from './sections/sync.js';
import { measureThroughput } from './sections/throughput.js';
import { measureWorkers } from './sections/workers.js';
import { summary } from './summary.js';
import { startUpstream } from './upstream.js';

process.on('exit', cleanUp);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => process.exit(code));
}

/** @returns {ReturnType<typeof readOptions>} */
function optionsOrUsage() {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return options;
    console.log(usage);
    process.exit();
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

const { isTable, nodes, numbers, parts, peers } = optionsOrUsage();
const stamp = new Date().toISOString().replace(/\..*/, '').replaceAll(':', '-');
const results = join(fileURLToPath(new URL('results', import.meta.url)), stamp);
mkdirSync(results, { recursive: true });

const facts = machineFacts(nodes);
const upstream = await startUpstream();
const {
  'disk-gb': diskGb,
  'download-mb': downloadMb,
  'load-minutes': loadMinutes,
  ...rest
} = numbers;
const node = nodes[0]?.path;
const settings = { ...rest, diskGb, downloadMb, loadMinutes, node, peers, results, upstream };

const sections = [
  ...scenarios.map((one) => ({ name: one.name, measure: () => measureThroughput(one, settings) })),
  { name: 'latency', measure: () => measureLatency(settings) },
  { name: 'filter-1k', measure: () => measureFilter(settings) },
  { name: 'event-delay', measure: () => measureEventDelay(settings) },
  { name: 'sync-1k', measure: () => measureSync(settings) },
  { name: 'workers', measure: () => measureWorkers(settings) },
  { name: 'mock-1k', measure: () => measureMock(settings) },
  { name: 'recorded', measure: () => measureRecorded(settings) },
  { name: 'download', measure: () => measureDownload(settings) },
  { name: 'recording', measure: () => measureRecording(settings) },
  { name: 'load-memory', measure: () => measureLoadMemory(settings) },
  { name: 'extras', measure: () => measureExtras(settings) },
  { name: 'row-delay', measure: () => measureRowDelay(settings) },
  { name: 'history', measure: () => measureHistory(settings) },
  { name: 'page', measure: () => measurePage(settings) },
  { name: 'export', measure: () => measureExport(settings) },
  { name: 'import', measure: () => measureImport(settings) },
  { name: 'startup', measure: () => measureStartup(settings) },
  { name: 'launch', measure: () => measureLaunch(settings) },
  { name: 'soak', measure: () => measureSoak(settings) },
];
const markdown = [`## pmproxy bench, ${stamp.slice(0, 10)}`, facts];
const data = [];
const findings = [];
/** A section for the report, and for the terminal unless the tables of the manual are all that is wanted there. */
const say = (text) => {
  markdown.push(text);
  if (isTable) console.error(`${text}\n`);
  else console.log(`${text}\n`);
};
console.log(`${markdown.join('\n\n')}\n`);
const started = performance.now();
for (const { name, measure } of sections.filter((section) => parts.has(section.name))) {
  console.error(`${name} …`);
  const report = await measure();
  data.push(report.data);
  findings.push(...(report.findings ?? []));
  say(report.markdown);
}
const minutes = (performance.now() - started) / 60_000;
const after = `- load average after ${minutes.toFixed(1)} minutes: ${loadText()}`;
if (findings.length > 0) {
  const tables = `${after}\n\n${summary(scenarios, data, findings)}`;
  markdown.push(tables);
  console.log(tables);
}
writeFileSync(join(results, 'report.md'), `${markdown.join('\n\n')}\n`);
writeFileSync(
  join(results, 'results.json'),
  JSON.stringify({ facts, after, numbers, data, findings }, undefined, 2),
);
console.error(`Raw outputs: ${results}`);
await upstream.stop();
