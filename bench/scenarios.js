/** What is asked for in the comparisons of speed: where, by which load, and what an answer must be. */
import { loadGrpc, loadHey, loadHttp, loadHttp2 } from './load.js';
import { verify, verifyGrpc, verifyHttp2 } from './verification.js';

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {string} label the title in few words, for tables
 * @property {import('./upstream.js').BodyName} file what every answer holds
 * @property {(upstream: import('./upstream.js').Upstream) => string} urlOf
 * @property {(load: import('./load.js').Load) => Promise<import('./load.js').Result>} drive
 * @property {typeof verify} verify one request through a proxy
 * @property {string[]} [only] proxies that can take part; all without it
 * @property {Target} [target]
 */
/**
 * @typedef {object} Target for the rate of pmproxy
 * @property {string} of the proxy that it is a ratio of; `none` for a direct connection
 * @property {number} least
 * @property {number} next once that is reached
 */

/** @param {string} file @returns {Pick<Scenario, 'file' | 'urlOf' | 'drive' | 'verify'>} */
const overHttp = (file) => ({
  file,
  urlOf: ({ httpPort }) => `http://127.0.0.1:${httpPort}/${file}`,
  drive: loadHttp,
  verify,
});

/** @type {Scenario[]} */
export const scenarios = [
  {
    name: 'http-1k',
    title: 'HTTP, 1 KB of JSON',
    label: 'HTTP 1 KB',
    ...overHttp('1k.json'),
    target: { of: 'bare', least: 1.15, next: 1.5 },
  },
  {
    name: 'http-100k',
    title: 'HTTP, 100 KB',
    label: 'HTTP 100 KB',
    ...overHttp('100k.bin'),
    target: { of: 'bare', least: 0.75, next: 1 },
  },
  {
    name: 'https-1k',
    title: 'HTTPS, 1 KB of JSON',
    label: 'HTTPS 1 KB',
    file: '1k.json',
    urlOf: ({ httpsPort }) => `https://localhost:${httpsPort}/1k.json`,
    drive: loadHey,
    verify,
    target: { of: 'http-mitm-proxy', least: 2, next: 3 },
  },
  {
    name: 'http2-1k',
    title: 'HTTP/2 on both sides, 1 KB of JSON',
    label: 'HTTP/2 1 KB',
    file: '1k.json',
    urlOf: ({ http2Port }) => `https://localhost:${http2Port}/1k.json`,
    drive: loadHttp2,
    verify: verifyHttp2,
    only: ['pmproxy', 'mockttp', 'mitmdump'],
    target: { of: 'mitmdump', least: 8, next: 12 },
  },
  {
    name: 'grpc',
    title: 'gRPC, unary calls of 1 KB on one connection, clear text',
    label: 'gRPC 1 KB',
    file: '1k.json',
    urlOf: ({ grpcPort }) => `http://127.0.0.1:${grpcPort}/`,
    drive: loadGrpc,
    verify: verifyGrpc,
    // mitmdump does not look into HTTP/2 in clear text.
    only: ['pmproxy'],
    target: { of: 'none', least: 0.3, next: 0.5 },
  },
];

/**
 * @param {string} name
 * @returns {Scenario}
 * @throws when there is none of this name
 */
export function scenarioOf(name) {
  const found = scenarios.find((one) => one.name === name);
  if (!found) throw new Error(`There is no scenario ${name}.`);
  return found;
}
