import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { expect, test } from 'vitest';
import { Connections } from '../../src/proxy/connections.ts';
import { httpsUpstream, listen, tcpUpstream, upstreamAuthority } from '../helpers/upstream.ts';

test('closing waits until every connection is closed', async () => {
  const upstream = await tcpUpstream(() => {});
  const connections = new Connections();
  const open = connections.add(connect(upstream.port, '127.0.0.1'));
  await once(open, 'connect');
  const connecting = connections.add(connect(upstream.port, '127.0.0.1'));
  const stream = connections.add(duplexPair()[0]);
  // Once per layer that it comes by.
  connections.add(open);
  await connections.close();
  expect([open.closed, connecting.closed, stream.closed]).toEqual([true, true, true]);
});

test('closing ends TLS in TLS, although Node reports no end when its transport is destroyed first', async () => {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const inner = await httpsUpstream(() => {});
  const outer = await listen(
    createTlsServer({ key, cert }, (socket) => {
      const onward = connect(inner.port, '127.0.0.1');
      for (const side of [socket, onward]) side.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    }),
    'tls',
    'localhost',
  );
  const connections = new Connections();
  const layers: Socket[] = [connections.add(connect(outer.port, '127.0.0.1'))];
  for (let layer = 0; layer < 2; layer += 1) {
    const transport = layers[layer] as Socket;
    const secure = connections.add(connectTls({ socket: transport, rejectUnauthorized: false }));
    layers.push(secure);
    await once(secure, 'secureConnect');
  }
  await connections.close();
  expect(layers.map(({ closed }) => closed)).toEqual([true, true, true]);
});

test('a connection that arrives after closing is destroyed at once', async () => {
  const upstream = await tcpUpstream(() => {});
  const connections = new Connections();
  await connections.close();
  expect(connections.add(connect(upstream.port, '127.0.0.1')).destroyed).toBe(true);
  await connections.close();
});

test('a connection that is closed is forgotten', async () => {
  const connections = new Connections();
  const gone = connections.add(duplexPair()[0]);
  const closed = once(gone, 'close');
  gone.destroy();
  await closed;
  connections.add(gone);
  await connections.close();
});
