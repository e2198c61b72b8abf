/** Drives a proxy: wrk over HTTP, hey over HTTPS and for counted requests, or what stands in for them. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isRunning, lastLine, startProgram } from './children.js';
import { findProgram } from './upstream.js';

/**
 * @typedef {object} Load
 * @property {number} [proxyPort] on 127.0.0.1; none: straight to the upstream
 * @property {string} url
 * @property {number} connections
 * @property {number} [seconds] how long, or
 * @property {number} [requests] how many
 * @property {Record<string, string>} [headers] further ones, over HTTP
 * @property {string} [bodyFile] the message of a gRPC call
 * @property {string} rawFile where the tool's own output is kept
 */
/**
 * @typedef {object} Result
 * @property {number} perSecond whole answers with status 2xx per second
 * @property {number} requests whole answers
 * @property {number} bytes body bytes, or more: wrk counts heads as well; NaN when the tool does not tell
 * @property {number} errors other statuses and requests without a whole answer
 * @property {number} [p50Ms] of the loads that tell it
 * @property {number} p99Ms
 */

const script = (name) => fileURLToPath(new URL(`loads/${name}`, import.meta.url));
const wrk = findProgram('wrk');
const hey = findProgram('hey');

/** The tools of this machine, for the report. */
export const tools = {
  http: wrk ? 'wrk' : 'autocannon',
  https: hey ? 'hey' : 'a node:https client',
};

/**
 * Asks as fast as it can for a number of seconds, over HTTP, in absolute-form.
 * @param {Load & {seconds: number}} load
 * @returns {Promise<Result>}
 */
export async function loadHttp({ proxyPort, url, connections, seconds, headers = {}, rawFile }) {
  const { host, port } = new URL(url);
  const target = proxyPort ?? Number(port);
  if (!wrk) {
    const args = [
      script('autocannon.js'),
      target,
      url,
      connections,
      seconds,
      JSON.stringify(headers),
    ];
    return resultLine(await run(process.execPath, args, rawFile));
  }
  const tool = ['-t', 1, '-c', connections, '-d', `${seconds}s`, '--timeout', '10s', '--latency'];
  const asked = [
    '-s',
    script('absolute-form.lua'),
    `http://127.0.0.1:${target}`,
    '--',
    url,
    host,
    ...Object.entries(headers).flat(),
  ];
  return resultLine(await run(wrk, [...tool, ...asked], rawFile));
}

/**
 * Asks over HTTPS through CONNECT (or over HTTP through the proxy), for a number of seconds or requests.
 * With a number of requests, `connections` must divide it.
 * @param {Load} load
 * @returns {Promise<Result>}
 */
export async function loadHey(load) {
  if (!hey) return loadNode(load);
  const { proxyPort, url, connections, seconds = 0, requests = 0, rawFile } = load;
  const proxy = proxyPort ? ['-x', `http://127.0.0.1:${proxyPort}`] : [];
  const length = requests ? ['-n', requests] : ['-z', `${seconds}s`];
  return heyResult(await run(hey, [...length, '-c', connections, ...proxy, url], rawFile));
}

/**
 * The same with node:http and node:https, on every machine: for times that `hey` rounds to a tenth of a millisecond.
 * @param {Load} load
 * @returns {Promise<Result>}
 */
export async function loadNode({
  proxyPort,
  url,
  connections,
  seconds = 0,
  requests = 0,
  rawFile,
}) {
  const args = [script('keep-alive.js'), proxyPort ?? 0, url, connections, seconds, requests];
  return resultLine(await run(process.execPath, args, rawFile));
}

/**
 * Asks over HTTP/2 through CONNECT for a number of seconds, with `connections` streams at once.
 * @param {Load & {seconds: number}} load
 * @returns {Promise<Result>}
 */
export async function loadHttp2({ proxyPort, url, connections, seconds, rawFile }) {
  const args = [script('http2.js'), proxyPort ?? 0, url, connections, seconds];
  return resultLine(await run(process.execPath, args, rawFile));
}

/**
 * Makes gRPC calls for a number of seconds, `connections` at once on one connection.
 * @param {Load & {seconds: number, bodyFile: string}} load
 * @returns {Promise<Result>}
 */
export async function loadGrpc({ proxyPort, url, connections, seconds, bodyFile, rawFile }) {
  const args = [script('grpc.js'), proxyPort ?? 0, url, connections, seconds, bodyFile];
  return resultLine(await run(process.execPath, args, rawFile));
}

/**
 * @param {string} command
 * @param {(string | number)[]} args
 * @param {string} rawFile
 * @returns {Promise<string>} what it printed
 */
async function run(command, args, rawFile) {
  const child = await startProgram(command, args.map(String), { logFile: rawFile });
  if (isRunning(child)) await once(child.process, 'exit');
  if (child.process.exitCode !== 0) throw new Error(`the load tool failed: ${lastLine(rawFile)}`);
  return readFileSync(rawFile, 'utf8');
}

/** @param {string} text @returns {Result} */
function resultLine(text) {
  const line = /^RESULT (.*)$/m.exec(text);
  if (!line) throw new Error('the load tool printed no result');
  const { requests, seconds, bytes, bad, broken, p50Ms, p99Ms } = JSON.parse(line[1]);
  const errors = bad + broken;
  return { perSecond: (requests - bad) / seconds, requests, bytes, errors, p50Ms, p99Ms };
}

/** @param {string} text hey's summary @returns {Result} */
function heyResult(text) {
  const seconds = Number(/Total:\s+([\d.]+) secs/.exec(text)?.[1]);
  const p99Ms = Number(/99%+ in ([\d.]+) secs/.exec(text)?.[1] ?? 0) * 1000;
  const statuses = [...text.matchAll(/^\s*\[(\d{3})\]\s+(\d+) responses/gm)];
  const broken = [...text.matchAll(/^\s*\[(\d+)\]\s+(?!\d+ responses)\S/gm)];
  const sum = (matches, group) => matches.reduce((total, match) => total + Number(match[group]), 0);
  const requests = sum(statuses, 2);
  const good = sum(
    statuses.filter(([, status]) => status.startsWith('2')),
    2,
  );
  const errors = requests - good + sum(broken, 1);
  const bytes = Number(/Total data:\s+(\d+) bytes/.exec(text)?.[1] ?? Number.NaN);
  return { perSecond: good / seconds, requests, bytes, errors, p99Ms };
}
