import { once } from 'node:events';
import { connect } from 'node:net';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { Connections } from '../../src/proxy/connections.ts';
import { tcpUpstream } from '../helpers/upstream.ts';

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

test('a connection that comes after closing is destroyed at once', async () => {
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
