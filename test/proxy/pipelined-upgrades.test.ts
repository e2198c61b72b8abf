import { expect, test } from 'vitest';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const h2c =
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';
const webSocket =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

test.each([
  ['h2c', h2c, 10],
  ['h2c, behind a long answer', h2c, 20_000_000],
  ['a WebSocket that its server declines', webSocket, 10],
])('an upgrade waits for the answer before it: %s', async (_, lines, length) => {
  const upstream = await httpUpstream(({ url }, response) => {
    response.end(url === '/first' ? `<${'x'.repeat(length)}>` : `<${url}>`);
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const head = (path: string, more = '') =>
    `GET ${upstream.url}${path} HTTP/1.1\r\nHost: ${upstream.host}\r\n${more}\r\n`;
  client.send(head('/first') + head('/second', lines));
  let received = 0;
  client.socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await client.until('</second>');
  expect(received).toBeGreaterThan(length);
  const paths = (await proxy.recorded(2)).map(({ request }) => new URL(request.url).pathname);
  expect(paths).toEqual(['/first', '/second']);
});

test('a tunnel waits for the answer before it', async () => {
  const upstream = await httpUpstream(({ url }, response) => {
    response.end(`<${url}>`);
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const host = `Host: ${upstream.host}\r\n\r\n`;
  client.send(
    `GET ${upstream.url}/first HTTP/1.1\r\n${host}CONNECT ${upstream.host} HTTP/1.1\r\n${host}`,
  );
  await client.until('</first>');
  await client.until('HTTP/1.1 200 OK\r\n\r\n');
  client.send(`GET /second HTTP/1.1\r\n${host}`);
  await client.until('</second>');
});
