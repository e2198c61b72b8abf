/**
 * The servers of the soak in one process: HTTP/1.1 with an event stream and WebSockets, HTTPS with HTTP/1.1 and HTTP/2,
 * gRPC in clear text. Arguments: cert key.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import { WebSocketServer } from 'ws';
import { implementation, service } from '../grpc/service.js';
import { announce } from '../peers/launch.js';
import { bodyOf, streamedEvents } from './traffic.js';

/** @type {http.RequestListener} */
function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  if (pathname === '/events') {
    void sendEvents(response);
    return;
  }
  request.resume();
  request.once('end', () => {
    const body = bodyOf(Number(searchParams.get('n')));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  });
}

/** @param {http.ServerResponse} response */
async function sendEvents(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let event = 0; event < streamedEvents; event++) {
    response.write(`id: ${event}\ndata: {"event":${event}}\n\n`);
    await delay(20);
  }
  response.end();
}

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));
const plain = http.createServer(answer);
const secure = http2.createSecureServer({ cert, key, allowHTTP1: true }, answer);
for (const server of [plain, secure]) {
  server.keepAliveTimeout = 3_600_000;
  server.on('error', (error) => console.error(error));
}
new WebSocketServer({ server: plain, path: '/socket' }).on('connection', (socket) => {
  socket.on('error', (error) => console.error(error));
  socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
});
const calls = new grpc.Server();
calls.addService(service, implementation);
const grpcPort = await new Promise((resolve, reject) => {
  const credentials = grpc.ServerCredentials.createInsecure();
  calls.bindAsync('127.0.0.1:0', credentials, (error, port) =>
    error ? reject(error) : resolve(port),
  );
});
await Promise.all(
  [plain, secure].map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))),
);
announce(plain.address().port, { securePort: secure.address().port, grpcPort });
