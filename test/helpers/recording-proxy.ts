import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { generateCACertificate, getCA } from 'mockttp/dist/util/certificates';

/** A proxy that answers everything itself and remembers what it was asked for. */
export type RecordingProxy = {
  readonly url: string;
  /** `GET http://host/path`, in order of arrival; what came through a tunnel as well. */
  readonly requests: string[];
  /** `host:port` of every CONNECT. */
  readonly tunnels: string[];
  /** PEM file of the CA that it certifies the hosts of its tunnels with. */
  readonly caFile: string;
  /** A folder for the test, removed on closing. */
  readonly folder: string;
  close(): Promise<void>;
};

const BODY = 'hello from the proxy';

export async function startRecordingProxy(): Promise<RecordingProxy> {
  // With a space, as home folders may have.
  const folder = await mkdtemp(join(tmpdir(), 'recording proxy '));
  const pair = await generateCACertificate();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, pair.cert);
  const ca = await getCA(pair);

  const requests: string[] = [];
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const origins = new WeakMap<object, string>();

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = `${origins.get(request.socket) ?? ''}${request.url}`;
    requests.push(`${request.method} ${url}`);
    request.resume();
    response.end(BODY);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', async (request: IncomingMessage, socket: Socket) => {
    const target = request.url ?? '';
    tunnels.push(target);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const [first] = await once(socket, 'data');
    socket.pause();
    socket.unshift(first);
    const host = target.replace(/:(80|443)$/, '');
    const inner = first[0] === 0x16 ? await secured(socket, host.replace(/:\d+$/, '')) : socket;
    origins.set(inner, `${first[0] === 0x16 ? 'https' : 'http'}://${host}`);
    server.emit('connection', inner);
    inner.resume();
  });

  async function secured(socket: Socket, host: string): Promise<TLSSocket> {
    const { key, cert } = await ca.generateCertificate(host);
    const tls = new TLSSocket(socket, { isServer: true, key, cert });
    return tls.on('error', () => {});
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    tunnels,
    caFile,
    folder,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true });
    },
  };
}
