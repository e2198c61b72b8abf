/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { peers } from './peers/index.js';
import { scenarios } from './sections/throughput.js';

const sections = [
  ...['http', 'https', 'filter', 'sync', 'workers', 'memory'],
  ...['client', 'page', 'export', 'extras', 'import', 'startup'],
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
};

export const usage = `Usage: npm run bench -- [section…] [options]
       node bench/index.js [section…] [options]

Sections (all unless some are named):
  http         requests per second, 1 KB and 100 KB (or http-1k, http-100k)
  https        requests per second, 1 KB
  filter       rewriting: requests per second beside save, delay of event streams (or filter-1k, event-delay)
  sync         pushing: requests per second beside save, with a client and with one that stalls (or sync-1k)
  workers      --workers 1 and 2: requests per second, processor time per request
  memory       one large download; many recorded exchanges (or download, recording)
  client       the running client: delay from proxy to page; memory of a history (or row-delay, history)
  page         the history page in Chromium: longest tasks while scrolling and filtering; its heap
  export       convert: a journal of many exchanges to collections, HAR and ndjson
  extras       what redaction, folders, endpoints and tests add to the time of an export
  import       convert: a large HAR file, read entry by entry
  startup      pmproxy --help beside node -e 0

Options:
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
  --runs <n>          of pmproxy --help, ${defaults.runs}
  --converted <n>     exchanges in the journals of export and extras, ${defaults.converted}
  --har-mb <n>        size of the HAR file of import, ${defaults['har-mb']}
`;

/**
 * @param {string[]} args
 * @returns {{help: boolean, parts: Set<string>, peers: import('./peers/index.js').Peer[],
 *   numbers: Record<keyof typeof defaults, number>}}
 * @throws with a sentence when something is not known or not a number
 */
export function readOptions(args) {
  const names = Object.keys(defaults);
  const numeric = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    args,
    options: { ...numeric, help: { short: 'h', type: 'boolean' }, only: { type: 'string' } },
  });
  return {
    help: values.help ?? false,
    numbers: Object.fromEntries(names.map((name) => [name, positive(name, values[name])])),
    parts: new Set((positionals.length ? positionals : sections).flatMap(partsOf)),
    peers: values.only ? values.only.split(',').map(peerOf) : peers,
  };
}

/** @param {string} section */
function partsOf(section) {
  if (section === 'http') return ['http-1k', 'http-100k'];
  if (section === 'https') return ['https-1k'];
  if (section === 'filter') return ['filter-1k', 'event-delay'];
  if (section === 'sync') return ['sync-1k'];
  if (section === 'memory') return ['download', 'recording'];
  if (section === 'client') return ['row-delay', 'history'];
  const own = [
    'filter-1k',
    'event-delay',
    'sync-1k',
    'workers',
    'download',
    'recording',
    'extras',
    'row-delay',
    'history',
    'page',
    'export',
    'import',
    'startup',
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

/** @param {keyof typeof defaults} name @param {string | undefined} text */
function positive(name, text) {
  const value = text === undefined ? defaults[name] : Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}.`);
  return value;
}
