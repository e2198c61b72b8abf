import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Starts a proxy that knows names of its own: it leads `name:port` to a port of this machine, and refuses everything
 * else. It is gone when the test is over.
 *
 * @returns its port
 */
export async function namingProxy(ports: Readonly<Record<string, number>>): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { hostname, port, pathname, search } = new URL(request.url ?? '');
    const known = ports[`${hostname}:${port || 80}`];
    if (known === undefined) {
      response.writeHead(502).end();
      return;
    }
    const { method, headers } = request;
    const path = pathname + search;
    const sent = sendRequest(
      { host: '127.0.0.1', port: known, method, path, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    sent.on('error', () => response.destroy());
    request.pipe(sent);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const known = ports[request.url ?? ''];
    if (known === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const upstream = connect(known, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
