import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { keepForPausedParser } from '../../src/proxy/paused-parser.ts';
import { rawConnection } from '../helpers/raw-client.ts';
import { listen, upstreamAuthority } from '../helpers/upstream.ts';

test('a request pipelined over TLS arrives whole behind an answer that waits to be sent', async () => {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const server = createServer({ key, cert }, (request, response) => {
    if (request.method === 'GET') return void response.end('x'.repeat(20_000_000));
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end(`took ${bytes}`));
  });
  const kept: boolean[] = [];
  server.on('clientError', (error, socket) => {
    kept.push(keepForPausedParser(error, socket as Parameters<typeof keepForPausedParser>[1]));
  });
  const { port } = await listen(server, 'https', 'localhost');
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  const client = rawConnection(socket);
  socket.pause();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');
  // Four records in one write: the parser pauses behind the first.
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n${'y'.repeat(60_000)}`);
  while (kept.length === 0) await once(server, 'clientError');
  expect(kept.every(Boolean)).toBe(true);
  socket.resume();
  await client.until('took 60000');
});
