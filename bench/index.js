/** Measures pmproxy beside other proxies on this machine and prints the tables; see --help. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanUp } from './children.js';
import { machineFacts } from './machine.js';
import { readOptions, usage } from './options.js';
import { measureHistory, measureRowDelay } from './sections/client.js';
import { measureExport, measureImport } from './sections/conversion.js';
import { measureExtras } from './sections/extras.js';
import { measureEventDelay, measureFilter } from './sections/filter.js';
import { measureDownload, measureRecording } from './sections/memory.js';
import { measurePage } from './sections/page.js';
import { measureStartup } from './sections/startup.js';
import { measureSync } from './sections/sync.js';
import { measureThroughput, scenarios } from './sections/throughput.js';
import { measureWorkers } from './sections/workers.js';
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

const { numbers, parts, peers } = optionsOrUsage();
const stamp = new Date().toISOString().replace(/\..*/, '').replaceAll(':', '-');
const results = join(fileURLToPath(new URL('results', import.meta.url)), stamp);
mkdirSync(results, { recursive: true });

const facts = machineFacts();
const upstream = await startUpstream();
const { 'disk-gb': diskGb, 'download-mb': downloadMb, ...rest } = numbers;
const settings = { ...rest, diskGb, downloadMb, peers, results, upstream };

const sections = [
  ...scenarios.map((one) => ({ name: one.name, measure: () => measureThroughput(one, settings) })),
  { name: 'filter-1k', measure: () => measureFilter(settings) },
  { name: 'event-delay', measure: () => measureEventDelay(settings) },
  { name: 'sync-1k', measure: () => measureSync(settings) },
  { name: 'workers', measure: () => measureWorkers(settings) },
  { name: 'download', measure: () => measureDownload(settings) },
  { name: 'recording', measure: () => measureRecording(settings) },
  { name: 'extras', measure: () => measureExtras(settings) },
  { name: 'row-delay', measure: () => measureRowDelay(settings) },
  { name: 'history', measure: () => measureHistory(settings) },
  { name: 'page', measure: () => measurePage(settings) },
  { name: 'export', measure: () => measureExport(settings) },
  { name: 'import', measure: () => measureImport(settings) },
  { name: 'startup', measure: () => measureStartup(settings) },
];
const markdown = [`## pmproxy bench, ${stamp.slice(0, 10)}`, facts];
const data = [];
console.log(`${markdown.join('\n\n')}\n`);
for (const { name, measure } of sections.filter((section) => parts.has(section.name))) {
  console.error(`${name} …`);
  const report = await measure();
  markdown.push(report.markdown);
  data.push(report.data);
  console.log(`${report.markdown}\n`);
}
writeFileSync(join(results, 'report.md'), `${markdown.join('\n\n')}\n`);
writeFileSync(
  join(results, 'results.json'),
  JSON.stringify({ facts, numbers, data }, undefined, 2),
);
console.error(`Raw outputs: ${results}`);
await upstream.stop();
