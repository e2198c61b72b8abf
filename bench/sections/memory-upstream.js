/** Streams as many bytes as `/<bytes>` asks for, no two blocks alike, so that what is lost or moved shows. */
import http from 'node:http';
import { Readable } from 'node:stream';
import { announce } from '../peers/launch.js';
import { keystream } from './keystream.js';

const server = http.createServer((request, response) => {
  const bytes = Number((request.url ?? '').slice(1));
  response.writeHead(200, { 'content-length': bytes, 'content-type': 'application/octet-stream' });
  Readable.from(keystream(bytes)).pipe(response);
});
server.listen(0, '127.0.0.1', () => announce(server.address().port));
