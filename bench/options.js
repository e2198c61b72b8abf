/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { nodeVersion } from './node-versions.js';
import { onNodes, peers } from './peers/index.js';
import { scenarios } from './scenarios.js';

const sections = [
  ...['http', 'https', 'http2', 'grpc', 'latency', 'filter', 'sync', 'workers', 'mock', 'memory'],
  ...['client', 'page', 'export', 'extras', 'import', 'startup', 'launch'],
];
const defaults = {
  rounds: 5,
  seconds: 5,
  warmup: 2,
  connections: 32,
  'disk-gb': 4,
  'download-mb': 2048,
  exchanges: 200_000,
  events: 400,
  history: 100_000,
  runs: 15,
  converted: 100_000,
  'har-mb': 1000,
  'load-minutes': 5,
  minutes: 60,
  rate: 100,
};

/** What `table` measures, within a quarter of an hour. */
const tableParts = [
  ...['http-1k', 'http-100k', 'https-1k', 'http2-1k', 'grpc', 'latency', 'sync-1k', 'load-memory'],
];
const tableDefaults = { seconds: 2 };
const tablePeers = ['bare', 'pmproxy', 'http-mitm-proxy', 'mitmdump'];

export const usage = `Usage: npm run bench -- [section…] [options]
       node bench/index.js [section…] [options]

Sections (all unless some are named):
  http         requests per second, 1 KB and 100 KB (or http-1k, http-100k)
  https        requests per second, 1 KB
  http2        requests per second, 1 KB, HTTP/2 on both sides (or http2-1k)
  grpc         unary calls per second, beside a direct connection
  latency      what is added to one request after the other
  filter       rewriting: requests per second beside save, delay of event streams (or filter-1k, event-delay)
  sync         pushing: requests per second beside save, with a client and with one that stalls (or sync-1k)
  workers      --workers 1 and 2: requests per second, processor time per request
  mock         requests per second beside save; loading and comparing many calls (or mock-1k, recorded)
  memory       one large download; many recorded exchanges; minutes under load (or download, recording, load-memory)
  client       the running client: delay from proxy to page; memory of a history (or row-delay, history)
  page         the history page in Chromium: longest tasks while scrolling and filtering; its heap
  export       convert: a journal of many exchanges to collections, HAR and ndjson
  extras       what redaction, folders, endpoints and tests add to the time of an export
  import       convert: a large HAR file, read entry by entry
  startup      pmproxy --help beside node -e 0
  launch       save -- true; what pmproxy adds to the start of a command and of a browser

Sections that run only when named:
  table        what has a target, in 15 minutes, as the tables of the manual
  soak         mixed protocols at a fixed rate for an hour: sent = recorded = pushed, memory flat

Options:
  --node <versions>   run pmproxy and the bare proxy on other versions of Node, such as 22 or 20,22,24; installs npm's
                      node package. Several are compared in http, https, http2, grpc and latency; elsewhere the first counts
  --only <names>      proxies to measure: ${peers.map(({ name }) => name).join(',')}
  --rounds <n>        ${defaults.rounds}
  --seconds <n>       per round, ${defaults.seconds}
  --warmup <n>        seconds of load before the first round, ${defaults.warmup}
  --connections <n>   ${defaults.connections}
  --disk-gb <n>       start a recording proxy anew once it has written more, ${defaults['disk-gb']}
  --download-mb <n>   size of the large download, ${defaults['download-mb']}
  --exchanges <n>     how many are recorded for the memory row, ${defaults.exchanges}
  --events <n>        per round of the delay of event streams, ${defaults.events}
  --history <n>       exchanges in the running client's history, ${defaults.history}
  --runs <n>          of startup and launch, ${defaults.runs}
  --converted <n>     exchanges in the journals of export and extras, ${defaults.converted}
  --har-mb <n>        size of the HAR file of import, ${defaults['har-mb']}
  --load-minutes <n>  of the memory under load, ${defaults['load-minutes']}
  --minutes <n>       of the soak, ${defaults.minutes}
  --rate <n>          exchanges a second of the soak, ${defaults.rate}
`;

/**
 * @param {string[]} args
 * @returns {{help: boolean, isTable: boolean, parts: Set<string>, peers: import('./peers/index.js').Peer[],
 *   nodes: import('./node-versions.js').NodeVersion[], numbers: Record<keyof typeof defaults, number>}}
 * @throws with a sentence when something is not known or not a number, or a version of Node cannot be installed
 */
export function readOptions(args) {
  const names = Object.keys(defaults);
  const numeric = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const words = { only: { type: 'string' }, node: { type: 'string' } };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    args,
    options: { ...numeric, ...words, help: { short: 'h', type: 'boolean' } },
  });
  const isTable = positionals.includes('table');
  const own = isTable ? { ...defaults, ...tableDefaults } : defaults;
  const only = values.only?.split(',') ?? (isTable ? tablePeers : peers.map(({ name }) => name));
  const parts = new Set((positionals.length ? positionals : sections).flatMap(partsOf));
  const numbers = Object.fromEntries(
    names.map((name) => [name, positive(name, values[name] ?? own[name])]),
  );
  const measured = only.map(peerOf);
  if (values.help) return { help: true, isTable, parts, peers: measured, nodes: [], numbers };
  const nodes = values.node?.split(',').map(nodeVersion) ?? [];
  return { help: false, isTable, parts, peers: onNodes(measured, nodes), nodes, numbers };
}

/** @param {string} section */
function partsOf(section) {
  if (section === 'table') return tableParts;
  if (section === 'http') return ['http-1k', 'http-100k'];
  if (section === 'https') return ['https-1k'];
  if (section === 'http2') return ['http2-1k'];
  if (section === 'filter') return ['filter-1k', 'event-delay'];
  if (section === 'sync') return ['sync-1k'];
  if (section === 'mock') return ['mock-1k', 'recorded'];
  if (section === 'memory') return ['download', 'recording', 'load-memory'];
  if (section === 'client') return ['row-delay', 'history'];
  const own = [
    ...[
      'latency',
      'filter-1k',
      'event-delay',
      'sync-1k',
      'workers',
      'mock-1k',
      'recorded',
      'download',
      'recording',
      'load-memory',
    ],
    ...['extras', 'row-delay', 'history', 'page', 'export', 'import', 'startup', 'launch', 'soak'],
  ];
  const parts = [...scenarios.map(({ name }) => name), ...own];
  if (!parts.includes(section)) throw new Error(`Unknown section ${section}.`);
  return [section];
}

/** @param {string} name */
function peerOf(name) {
  const peer = peers.find((one) => one.name === name);
  if (!peer) throw new Error(`Unknown proxy ${name}.`);
  return peer;
}

/** @param {keyof typeof defaults} name @param {string | number} text */
function positive(name, text) {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}.`);
  return value;
}
