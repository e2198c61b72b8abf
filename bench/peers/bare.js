/**
 * The measure of all things here: what a proxy costs that does nothing but pass on, written the plain
 * way with node:http. HTTPS is opened with the upstream's own kind of certificate, made beforehand.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { announce } from './launch.js';

const plainAgent = new http.Agent({ keepAlive: true });
const secureAgent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });

/**
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 * @param {(answer: (incoming: http.IncomingMessage) => void) => http.ClientRequest} send
 */
function relay(request, response, send) {
  const outgoing = send((incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.rawHeaders);
    incoming.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
}

const plain = http.createServer((request, response) => {
  const { method, headers } = request;
  const options = { method, headers, agent: plainAgent };
  relay(request, response, (answer) => http.request(request.url ?? '', options, answer));
});

const { BENCH_CERT: cert = '', BENCH_KEY: key = '' } = process.env;
const identity = { cert: readFileSync(cert), key: readFileSync(key) };
const secure = https.createServer(identity, (request, response) => {
  const { method, headers, url } = request;
  const options = { method, headers, agent: secureAgent };
  relay(request, response, (answer) =>
    https.request(`https://${headers.host}${url}`, options, answer),
  );
});

plain.on('connect', (_request, socket) => {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  secure.emit('connection', socket);
});
plain.listen(0, '127.0.0.1', () => announce(plain.address().port));
