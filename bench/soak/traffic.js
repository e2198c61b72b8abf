/** What the soak sends, by kind: a driver for each protocol, which sends one exchange and checks what came back. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { WebSocket } from 'ws';
import { callUnary, openGrpc } from '../grpc/client.js';
import { watched } from '../grpc/service.js';
import { openHttp2 } from '../http2-client.js';
import { connectThrough } from '../tunnel.js';

/**
 * @typedef {object} Driver
 * @property {(n: number) => Promise<void>} send rejects when the exchange did not come back whole
 * @property {() => void} close
 */
/**
 * @typedef {object} Ports all on 127.0.0.1
 * @property {number} proxy
 * @property {number} plain HTTP/1.1, event streams and WebSockets
 * @property {number} secure HTTPS with HTTP/1.1 and HTTP/2
 * @property {number} grpc
 */

/** Of a hundred exchanges. The names are also the first part of the paths, by which exchanges are counted. */
export const shares = { http1: 40, https: 20, http2: 20, grpc: 10, socket: 5, events: 5 };

/** @type {Record<keyof typeof shares, (ports: Ports) => Driver>} */
export const drivers = {
  http1: plainDriver,
  https: secureDriver,
  http2: http2Driver,
  grpc: grpcDriver,
  socket: socketDriver,
  events: eventsDriver,
};

/** Events of one stream. */
export const streamedEvents = 5;

/**
 * How long an exchange may take. A machine that is busy for a minute makes exchanges slow, which the report shows; only those
 * that never end have failed.
 */
export const limitMs = 300_000;

/** A connection is closed, and another one opened, after so many exchanges. */
const reuse = 500;

/** Time for the last exchanges of a connection: a client of node:http2 or grpc-js refuses those not yet sent when it closes. */
const lingerMs = 60_000;

/**
 * The body of the n-th answer, which both sides can make: 1 KB of JSON, one in ten 100 KB.
 * @param {number} n
 */
export function bodyOf(n) {
  const size = n % 10 === 9 ? 100 * 1024 : 1024;
  const start = `{"n":${n},"filler":"`;
  return Buffer.from(`${start}${'0123456789abcdef'.repeat(size / 16).slice(start.length + 2)}"}`);
}

/** @param {Ports} ports @returns {Driver} every other request is a POST */
function plainDriver({ proxy, plain }) {
  const agent = new http.Agent({ keepAlive: true });
  const host = `127.0.0.1:${plain}`;
  return {
    async send(n) {
      const path = `http://${host}/http1?n=${n}`;
      const place = { host: '127.0.0.1', port: proxy, path, headers: { host } };
      await exchange(http.request({ ...place, method: methodOf(n), agent }), n);
    },
    close: () => agent.destroy(),
  };
}

/** @param {Ports} ports @returns {Driver} */
function secureDriver({ proxy, secure }) {
  const host = `localhost:${secure}`;
  let agent = tunnelAgent(proxy, host);
  return {
    async send(n) {
      if (n % reuse === reuse - 1) {
        // Connections in use are closed when their exchange has ended.
        agent.keepAlive = false;
        agent = tunnelAgent(proxy, host);
      }
      const url = `https://${host}/https?n=${n}`;
      await exchange(https.request(url, { method: methodOf(n), agent }), n);
    },
    close: () => agent.destroy(),
  };
}

/** @param {number} proxyPort @param {string} host */
function tunnelAgent(proxyPort, host) {
  const agent = new https.Agent({ keepAlive: true, timeout: lingerMs });
  agent.createConnection = (_options, callback) => {
    connectThrough(proxyPort, host, limitMs).then(
      (socket) =>
        callback(null, tls.connect({ socket, servername: 'localhost', rejectUnauthorized: false })),
      callback,
    );
  };
  return agent;
}

/** @param {Ports} ports @returns {Driver} */
function http2Driver({ proxy, secure }) {
  const host = `localhost:${secure}`;
  const open = () => openHttp2(proxy, host, limitMs);
  let session = open();
  return {
    async send(n) {
      if (n % reuse === reuse - 1) {
        const old = session;
        setTimeout(() => old.then((idle) => idle.close()), lingerMs).unref();
        session = open();
      }
      const stream = (await session).request(
        { ':path': `/http2?n=${n}`, ':method': methodOf(n) },
        { endStream: false },
      );
      stream.end(methodOf(n) === 'POST' ? bodyOf(n) : undefined);
      const [[headers], body] = await Promise.all([once(stream, 'response'), buffer(stream)]);
      check(headers[':status'], body, n);
    },
    close: () => void session.then((last) => last.destroy()),
  };
}

/** @param {Ports} ports @returns {Driver} one in five is a stream of messages */
function grpcDriver({ proxy, grpc: port }) {
  const open = () => openGrpc(port, proxy);
  let client = open();
  return {
    async send(n) {
      if (n % reuse === reuse - 1) {
        const old = client;
        setTimeout(() => old.close(), lingerMs).unref();
        client = open();
      }
      const message = bodyOf(n);
      if (n % 5 === 4) {
        let received = 0;
        for await (const one of client.watch(message)) if (message.equals(one)) received += 1;
        if (received !== watched) throw new Error(`${received} of ${watched} messages came`);
      } else check(200, await callUnary(client, message), n);
    },
    close: () => client.close(),
  };
}

/** @param {Ports} ports @returns {Driver} a connection each, three messages there and back */
function socketDriver({ proxy, plain }) {
  const host = `127.0.0.1:${plain}`;
  return {
    async send(n) {
      const tunnel = await connectThrough(proxy, host, limitMs);
      const socket = new WebSocket(`ws://${host}/socket?n=${n}`, {
        createConnection: () => tunnel,
      });
      await once(socket, 'open');
      for (const message of [`first of ${n}`, bodyOf(n), `last of ${n}`]) {
        socket.send(message);
        const [echo] = await once(socket, 'message');
        if (!Buffer.from(message).equals(echo)) throw new Error('a message came back changed');
      }
      socket.close(1000);
      const [code] = await once(socket, 'close');
      if (code !== 1000) throw new Error(`the WebSocket closed with ${code}`);
    },
    close() {},
  };
}

/** @param {Ports} ports @returns {Driver} */
function eventsDriver({ proxy, plain }) {
  const agent = new http.Agent({ keepAlive: true });
  const host = `127.0.0.1:${plain}`;
  return {
    async send(n) {
      const path = `http://${host}/events?n=${n}`;
      const place = { host: '127.0.0.1', port: proxy, path, headers: { host } };
      const request = http.request({ ...place, agent });
      request.end();
      const [response] = await once(request, 'response');
      const events = (await buffer(response)).toString().split('\n\n').length - 1;
      if (events !== streamedEvents) throw new Error(`${events} of ${streamedEvents} events came`);
    },
    close: () => agent.destroy(),
  };
}

const methodOf = (n) => (n % 2 ? 'POST' : 'GET');

/** @param {http.ClientRequest} request @param {number} n */
async function exchange(request, n) {
  request.end(request.method === 'POST' ? bodyOf(n) : undefined);
  const [response] = await once(request, 'response');
  check(response.statusCode, await buffer(response), n);
}

/** @param {number | undefined} status @param {Buffer} body @param {number} n */
function check(status, body, n) {
  if (status !== 200) throw new Error(`answered ${status}`);
  if (!body.equals(bodyOf(n))) throw new Error('the body came back changed');
}
