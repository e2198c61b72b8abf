/** The proxies that are compared, in the order in which the table shows them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProgram, startScript, stopChild, waitFor } from '../children.js';
import { accepts, freePort } from '../ports.js';
import { findProgram } from '../upstream.js';

/**
 * @typedef {object} Peer
 * @property {string} name what `--only` takes
 * @property {string} what what the table calls it
 * @property {boolean} [records] it writes what passes to disk
 * @property {() => string | undefined} version undefined when it is not installed
 * @property {Record<string, string>} [headers] what it is asked with besides
 * @property {(place: Place) => Promise<import('../children.js').Child & {port: number}>} start
 */
/**
 * @typedef {object} Place
 * @property {string} folder a temporary folder of this process alone
 * @property {{cert: string, key: string}} tls a certificate for localhost
 * @property {string} [node] path of the Node that runs pmproxy and the bare proxy; the bench's own without it
 */

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Starts `pmproxy save`, everything recorded, the files where nobody sees them.
 * @param {Place} place
 */
export function startPmproxy(place) {
  return startCommand(place, ['save', '-o', join(place.folder, 'out.json')]);
}

/**
 * @param {Place} place
 * @param {string[]} command of pmproxy, with its own options
 */
export async function startCommand({ folder, node }, command) {
  const readyFile = join(folder, 'ready.json');
  const own = ['--port', '0', '--quiet', '--ready-file', readyFile];
  const upstream = ['--insecure', '--no-upstream'];
  const args = [join(root, 'bin/pmproxy.js'), ...command, ...own, ...upstream];
  const env = { HOME: folder, PMPROXY_HOME: join(folder, 'home') };
  const logFile = join(folder, 'log.txt');
  const child = await startProgram(node ?? process.execPath, args, { cwd: folder, env, logFile });
  const { port } = await waitFor(child, (signal) => readWhenThere(readyFile, signal));
  return { ...child, port };
}

/** @param {Place} place */
async function startMitmdump({ folder }) {
  const port = await freePort();
  const options = ['--listen-host', '127.0.0.1', '--listen-port', `${port}`, '--ssl-insecure'];
  const args = ['-q', '-w', join(folder, 'flows'), '--set', `confdir=${folder}`, ...options];
  const logFile = join(folder, 'log.txt');
  const env = { HOME: folder };
  const child = await startProgram('mitmdump', args, { cwd: folder, env, logFile });
  await waitFor(child, (signal) => accepts(port, signal));
  return { ...child, port };
}

/**
 * @param {string} name of the launcher in this folder
 * @returns {Peer['start']}
 */
function launcher(name) {
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  return ({ folder, tls, node }) => {
    // Some peers keep their certificate authority in the home folder of whoever runs them, one its
    // record in the folder for temporary files.
    const own = { HOME: folder, TMPDIR: folder };
    const env = { ...own, BENCH_CERT: tls.cert, BENCH_FOLDER: folder, BENCH_KEY: tls.key };
    const logFile = join(folder, 'log.txt');
    return startScript(script, [], { cwd: folder, env, logFile, node });
  };
}

/**
 * @param {string} name of a package
 * @returns {string | undefined} the version that the launchers get, from here or from the root
 */
function installed(name) {
  const folders = [join(root, 'bench/node_modules'), join(root, 'node_modules')];
  const files = folders.map((folder) => join(folder, name, 'package.json'));
  const text = files.map(readIfThere).find((found) => found !== undefined);
  return text === undefined ? undefined : JSON.parse(text).version;
}

const pmproxyVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/**
 * `pmproxy filter` on requests that are marked. It takes part in its own section only.
 * @type {Peer}
 */
export const filterPeer = {
  name: 'filter',
  what: 'pmproxy filter, three marked headers',
  headers: {
    'Postman-Origin': 'http://a.test',
    'Postman-Referer': 'http://a.test/page',
    'Postman-User-Agent': 'bench',
  },
  start: (place) => startCommand(place, ['filter']),
  version: pmproxyVersion,
};

/**
 * `pmproxy mock`, which answers from a recording. It takes part in its own section only.
 * @param {string} recording
 * @returns {Peer}
 */
export const mockPeer = (recording) => ({
  name: 'mock',
  what: 'pmproxy mock',
  start: (place) => startCommand(place, ['mock', recording]),
  version: pmproxyVersion,
});

/**
 * `pmproxy sync` with a client that takes what comes, and with one that takes nothing. They take part in a section of
 * their own.
 * @type {Peer[]}
 */
export const syncPeers = [
  {
    name: 'sync',
    what: 'pmproxy sync, pushed to pmproxy client',
    records: true,
    start: (place) => startSync(place, startClient),
    version: pmproxyVersion,
  },
  {
    name: 'sync-stalled',
    what: 'pmproxy sync, the client reads nothing',
    records: true,
    start: (place) => startSync(place, launcher('stalled-client')),
    version: pmproxyVersion,
  },
];

/**
 * Starts `pmproxy client` with a history of its own.
 * @param {Place} place
 * @returns {Promise<import('../children.js').Child & {port: number, token: string}>}
 */
export async function startClient({ folder, node }) {
  const readyFile = join(folder, 'client.json');
  const args = [join(root, 'bin/pmproxy.js'), 'client', '--port', '0', '--ready-file', readyFile];
  const env = { HOME: folder, PMPROXY_HOME: join(folder, 'home') };
  const logFile = join(folder, 'client.txt');
  const child = await startProgram(node ?? process.execPath, args, { cwd: folder, env, logFile });
  const { port, token } = await waitFor(child, (signal) => readWhenThere(readyFile, signal));
  return { ...child, port, token };
}

/**
 * Starts a client and a proxy that pushes to it, and with which it ends.
 * @param {Place} place
 * @param {Peer['start']} start of the client
 */
async function startSync(place, start) {
  const client = await start(place);
  const address = `ws://127.0.0.1:${client.port}/capture`;
  const proxy = await startCommand(place, ['sync', '--no-client', '--client', address]);
  proxy.process.once('exit', () => void stopChild(client));
  return proxy;
}

/** @type {Peer[]} */
export const peers = [
  {
    name: 'bare',
    what: 'bare node:http proxy, no capture',
    start: launcher('bare'),
    version: () => process.version,
  },
  {
    name: 'pmproxy',
    what: 'pmproxy save, everything to disk',
    records: true,
    start: startPmproxy,
    version: pmproxyVersion,
  },
  {
    name: 'http-mitm-proxy',
    what: 'http-mitm-proxy, no capture',
    start: launcher('http-mitm-proxy'),
    version: () => installed('http-mitm-proxy'),
  },
  {
    name: 'anyproxy',
    what: 'anyproxy with its recorder',
    records: true,
    start: launcher('anyproxy'),
    version: () => installed('anyproxy'),
  },
  {
    name: 'mockttp',
    what: 'mockttp pass-through, no capture',
    start: launcher('mockttp'),
    version: () => installed('mockttp'),
  },
  {
    name: 'mitmdump',
    what: 'mitmdump -w',
    records: true,
    start: startMitmdump,
    version: () => mitmdumpVersion(),
  },
];

/**
 * The peers with pmproxy and the bare proxy on other versions of Node: instead of the bench's own if there is one, as a
 * proxy each if there are several, then named `pmproxy@22`.
 * @param {Peer[]} measured
 * @param {import('../node-versions.js').NodeVersion[]} nodes
 * @returns {Peer[]}
 */
export function onNodes(measured, nodes) {
  if (nodes.length === 0) return measured;
  return measured.flatMap((peer) => {
    if (peer.name !== 'pmproxy' && peer.name !== 'bare') return [peer];
    return nodes.map(({ asked, version, path }) => ({
      ...peer,
      name: nodes.length > 1 ? `${peer.name}@${asked}` : peer.name,
      what: nodes.length > 1 ? `${peer.what}, Node ${asked}` : peer.what,
      version: () => (peer.name === 'bare' ? version : `${peer.version()} on ${version}`),
      start: (place) => peer.start({ ...place, node: path }),
    }));
  });
}

function mitmdumpVersion() {
  if (!findProgram('mitmdump')) return undefined;
  const said = execFileSync('mitmdump', ['--version'], { encoding: 'utf8' });
  return /Mitmproxy:\s*(\S+)/.exec(said)?.[1] ?? 'of unknown version';
}

/**
 * Waits for a file that is written whole or not at all.
 * @param {string} file
 * @param {AbortSignal} signal ends the waiting
 * @returns {Promise<{pid: number, port: number, token?: string}>}
 */
export async function readWhenThere(file, signal) {
  for (;;) {
    const text = readIfThere(file);
    if (text) return JSON.parse(text);
    await delay(20, undefined, { signal });
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
