/** The server behind the proxies: nginx where it is installed, otherwise node:http, serving two files. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeFolder, startProgram, startScript, stopChild, waitFor } from './children.js';
import { accepts, freePort } from './ports.js';

/**
 * @typedef {object} Upstream
 * @property {string} kind for the report: `nginx` or `node:http`
 * @property {number} httpPort
 * @property {number} httpsPort
 * @property {number} http2Port HTTPS with HTTP/2, which names the version it was asked over in `x-asked-over`
 * @property {number} grpcPort answers `unary` of grpc/service.js
 * @property {string} folder of what it serves
 * @property {string} cert path of the PEM certificate for localhost
 * @property {string} key path of its key
 * @property {Record<BodyName, Buffer>} bodies what it serves
 * @property {() => Promise<unknown>} stop
 */
/** @typedef {'1k.json' | '100k.bin'} BodyName */

/**
 * @param {string} name a program
 * @returns {string | undefined} its path; Debian keeps nginx in /usr/sbin, which not every PATH names
 */
export function findProgram(name) {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/**
 * @returns {Promise<Upstream>} it listens
 * @throws when openssl is missing or the server does not start
 */
export async function startUpstream() {
  const folder = makeFolder('upstream');
  const bodies = { '1k.json': jsonBody(1024), '100k.bin': binaryBody(100 * 1024) };
  for (const [name, body] of Object.entries(bodies)) writeFileSync(join(folder, name), body);
  const tls = makeCertificate(folder);
  const nginx = findProgram('nginx');
  const server = nginx ? await startNginx(nginx, folder, tls) : await startNode(folder, tls);
  const grpcScript = new URL('grpc/server.js', import.meta.url).pathname;
  const grpc = await startScript(grpcScript, [], { logFile: join(folder, 'grpc.log') });
  const stop = () => Promise.all([server.stop(), stopChild(grpc)]);
  return { ...server, ...tls, bodies, folder, grpcPort: grpc.port, stop };
}

/**
 * A self-made certificate for localhost, good for a day.
 * @param {string} folder
 */
function makeCertificate(folder) {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-days', '1', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', ...kind, ...subject, ...files], { stdio: 'ignore' });
  return { cert, key };
}

/**
 * @param {string} nginx
 * @param {string} folder
 * @param {{cert: string, key: string}} tls
 */
async function startNginx(nginx, folder, tls) {
  const ports = {
    httpPort: await freePort(),
    httpsPort: await freePort(),
    http2Port: await freePort(),
  };
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig({ folder, ...ports, ...tls }));
  const logFile = join(folder, 'upstream.log');
  const child = await startProgram(nginx, ['-e', 'stderr', '-c', config], { logFile });
  await waitFor(child, (signal) => accepts(ports.httpPort, signal));
  return { kind: 'nginx', ...ports, stop: () => stopChild(child, 'SIGTERM') };
}

/**
 * One process (no master, so that its pid is all there is to end), connections kept for good: an
 * upstream that closes them after nginx's usual 1000 requests would measure that instead.
 * @param {{folder: string, httpPort: number, httpsPort: number, http2Port: number, cert: string, key: string}} facts
 */
function nginxConfig({ folder, httpPort, httpsPort, http2Port, cert, key }) {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=16;
  types { application/json json; }
  default_type application/octet-stream;
  ${temp.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${httpPort};
    listen 127.0.0.1:${httpsPort} ssl;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    root ${folder};
  }
  server {
    listen 127.0.0.1:${http2Port} ssl http2;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    add_header x-asked-over $server_protocol;
    root ${folder};
  }
}
`;
}

/**
 * @param {string} folder
 * @param {{cert: string, key: string}} tls
 */
async function startNode(folder, { cert, key }) {
  const script = new URL('upstream-server.js', import.meta.url).pathname;
  const logFile = join(folder, 'upstream.log');
  const plain = await startScript(script, [folder], { logFile });
  const secure = await startScript(script, [folder, cert, key], { logFile });
  const multiplexed = await startScript(script, [folder, cert, key, 'h2'], { logFile });
  const stop = () => Promise.all([plain, secure, multiplexed].map((child) => stopChild(child)));
  const ports = { httpPort: plain.port, httpsPort: secure.port, http2Port: multiplexed.port };
  return { kind: 'node:http', ...ports, stop };
}

/** @param {number} size */
function jsonBody(size) {
  const items = Array.from({ length: 12 }, (_, id) => ({
    id,
    name: `item ${id}`,
    price: id * 3.5,
  }));
  const body = { items, note: '' };
  body.note = 'x'.repeat(size - JSON.stringify(body).length);
  return Buffer.from(JSON.stringify(body));
}

/**
 * Bytes without a pattern that anything could compress, the same every time.
 * @param {number} size
 */
function binaryBody(size) {
  let state = 1;
  return Buffer.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
