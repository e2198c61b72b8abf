/** The upstream where nginx is missing. Arguments: folder [cert key]. */
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { announce } from './peers/launch.js';

const [folder, cert, key] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => /^\d+k\./.test(name));
const bodies = new Map(files.map((name) => [`/${name}`, readFileSync(join(folder, name))]));

/** @type {http.RequestListener} */
const listener = (request, response) => {
  const target = request.url ?? ''; // absolute-form as well, as nginx takes it
  const body = bodies.get(target.slice(target.lastIndexOf('/')));
  response.writeHead(body ? 200 : 404, { 'content-length': body?.length ?? 0 });
  response.end(body);
};
const server = cert
  ? https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, listener)
  : http.createServer(listener);
server.keepAliveTimeout = 3_600_000;
server.listen(0, '127.0.0.1', () => announce(server.address().port));
