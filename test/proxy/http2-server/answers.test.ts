import { once } from 'node:events';
import { connect, constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Http2Answer } from '../../../src/proxy/http2-server/answer.ts';
import { eventually } from '../../helpers/eventually.ts';
import { http2SessionTo } from '../../helpers/http2-client.ts';
import { headers, preface } from '../../helpers/http2-frames.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw } from '../../helpers/raw-client.ts';
import { httpUpstream } from '../../helpers/upstream.ts';

/** The frames of stream 1, as type, flags and length (RFC 9113 4.1). */
function framesIn(bytes: Buffer): { type: number; flags: number; length: number }[] {
  const frames = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    const [type, flags] = [bytes.readUInt8(at + 3), bytes.readUInt8(at + 4)];
    if (bytes.readUInt32BE(at + 5) === 1)
      frames.push({ type, flags, length: bytes.readUIntBE(at, 3) });
  }
  return frames;
}

test('an answer that arrives whole ends with the last frame of its body', async () => {
  const upstream = await httpUpstream((_, response) => response.end('whole'));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(Buffer.concat([preface, headers(1, 'GET', `${upstream.url}/`)]));
  const frames = () => framesIn(Buffer.from(client.received, 'latin1'));
  await eventually(() => expect(frames().some(({ flags }) => flags & 1)).toBe(true));
  expect(frames().map(({ type, flags, length }) => [type, flags, type === 0 && length])).toEqual([
    [1, 4, false],
    [0, 1, 5],
  ]);
});

test('an upload that stalls is reset, and recorded as aborted', async () => {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const upstream = await httpUpstream((request) => request.once('data', begin));
  const clock = manualClock();
  const proxy = await recordingProxy({ timeoutMs: 60_000, clock });
  const session = http2SessionTo(proxy);
  const { host } = new URL(upstream.url);
  const stream = session.request({ ':path': '/', ':method': 'POST', ':authority': host });
  stream.on('error', () => {}).write('begun');
  await begun;
  clock.advance(60_000);
  if (!stream.closed) await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
});

test('an answer whose head Node refuses does not hold up those of the same turn', async () => {
  const server = createServer();
  server.on('stream', (stream, { ':path': path }) => {
    stream.on('error', () => {});
    new Http2Answer(stream).writeHead(200, path === '/bad' ? { 'x y': '1' } : {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const [bad, good] = [client.request({ ':path': '/bad' }), client.request({ ':path': '/good' })];
  bad.on('error', () => {});
  const closed = new Promise((resolve) => bad.once('close', resolve));
  const [head] = await once(good, 'response');
  await closed;
  expect(head[':status']).toBe(200);
  expect(bad.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
});
