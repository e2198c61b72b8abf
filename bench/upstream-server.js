/** The upstream where nginx is missing. Arguments: folder [cert key [h2]]. */
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { announce } from './peers/launch.js';

const [folder, cert, key, multiplexed] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => /^\d+k\./.test(name));
const bodies = new Map(files.map((name) => [`/${name}`, readFileSync(join(folder, name))]));

/** @type {http.RequestListener} */
const listener = (request, response) => {
  const target = request.url ?? ''; // absolute-form as well, as nginx takes it
  const body = bodies.get(target.slice(target.lastIndexOf('/')));
  const version = multiplexed && { 'x-asked-over': `HTTP/${request.httpVersion}` };
  response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0, ...version });
  response.end(body);
};
const identity = cert && { cert: readFileSync(cert), key: readFileSync(key) };
const server = multiplexed
  ? http2.createSecureServer({ ...identity, allowHTTP1: true }, listener)
  : identity
    ? https.createServer(identity, listener)
    : http.createServer(listener);
server.keepAliveTimeout = 3_600_000;
server.listen(0, '127.0.0.1', () => announce(server.address().port));
