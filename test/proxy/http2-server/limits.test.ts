import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type SecureClientSessionOptions } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { fieldBlock, frame, headers, preface, reset } from '../../helpers/http2-frames.ts';
import { recordingProxy } from '../../helpers/proxy.ts';
import { connectRaw } from '../../helpers/raw-client.ts';
import { httpUpstream, listen } from '../../helpers/upstream.ts';

type Handler = Parameters<typeof createServer>[1];

/** An upstream that takes heads as large as the proxy does. */
async function roomyUpstream(handler: Handler) {
  const server = createServer({ maxHeaderSize: 1_000_000 }, handler);
  server.maxHeadersCount = 0;
  return listen(server, 'http', '127.0.0.1');
}

async function sessionTo(url: string, options: SecureClientSessionOptions = {}) {
  const session = connect(url, options);
  onTestFinished(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

const to = (host: string) => ({ ':scheme': 'http', ':authority': host, ':path': '/' });

test('a request with thousands of header lines passes, its cookie crumbs as one line', async () => {
  const seen: { cookie?: string; lines: number }[] = [];
  const upstream = await roomyUpstream((request, response) => {
    const { rawHeaders, headers } = request;
    seen.push({ cookie: String(headers.cookie), lines: rawHeaders.length / 2 });
    response.end('ok');
  });
  const proxy = await recordingProxy();
  // Node's own client refuses to send as many lines.
  const line = (name: string, value: string) =>
    Buffer.from(
      `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
    );
  const numbers = Array.from({ length: 2000 }, (_, i) => i);
  const lines = numbers.flatMap((i) => [line('cookie', `c${i}=1`), line('x-n', String(i))]);
  const block = Buffer.concat([fieldBlock('GET', `${upstream.url}/`), ...lines]);
  const parts = Math.ceil(block.length / 16_384);
  const frames = Array.from({ length: parts }, (_, i) => {
    const isLast = i === parts - 1;
    const flags = (i === 0 ? 1 : 0) | (isLast ? 4 : 0);
    return frame(i === 0 ? 1 : 9, flags, 1, block.subarray(i * 16_384, (i + 1) * 16_384));
  });
  const client = await connectRaw(proxy.port);
  client.send(Buffer.concat([preface, ...frames]));
  await client.until('ok');
  expect(seen[0]?.cookie).toBe(numbers.map((i) => `c${i}=1`).join('; '));
  expect(seen[0]?.lines).toBeGreaterThan(2000);
  const { request } = await proxy.onlyRecorded();
  expect(request.headers.filter(([name]) => name === 'x-n')).toHaveLength(2000);
});

test('a client may send 256 KB of an upload ahead of its reader', async () => {
  const session = await sessionTo((await recordingProxy()).url);
  expect(session.remoteSettings.initialWindowSize).toBe(262_144);
});

test('a head that grows endlessly is refused, and its session continues', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const url = `${upstream.url}/`;
  // A field of 4,000 bytes goes into the table once, and each byte after that adds the field once more (RFC 7541 6.1).
  const field = Buffer.concat([
    Buffer.from([0x40, 1]),
    Buffer.from('x'),
    Buffer.from([0x7f, 0xa1, 0x1e]),
    Buffer.alloc(4000, 97),
  ]);
  client.send(
    Buffer.concat([preface, frame(1, 5, 1, Buffer.concat([fieldBlock('GET', url), field]))]),
  );
  await client.until('ok');
  client.send(frame(1, 5, 3, Buffer.concat([fieldBlock('GET', url), Buffer.alloc(12_000, 0xbe)])));
  // RST_STREAM with ENHANCE_YOUR_CALM.
  await client.until('\0\0\x04\x03\0\0\0\0\x03\0\0\0\x0b');
  client.send(headers(5, 'GET', url));
  await client.until('ok');
  await proxy.recorded(2);
});

test('the head of a response may exceed 64 KB', async () => {
  const cookies = Array.from({ length: 300 }, (_, i) => `c${i}=${'v'.repeat(300)}`);
  const upstream = await httpUpstream((_, response) =>
    response.writeHead(200, { 'Set-Cookie': cookies }).end('ok'),
  );
  const proxy = await recordingProxy();
  const session = await sessionTo(proxy.url, {
    maxHeaderListPairs: 1000,
    settings: { maxHeaderListSize: 1_000_000 },
  });
  const stream = session.request(to(upstream.host));
  const [[answer], body] = await Promise.all([once(stream, 'response'), buffer(stream)]);
  expect([answer['set-cookie'], body.toString()]).toEqual([cookies, 'ok']);
});

test('a client is told that it may open 250 streams', async () => {
  const proxy = await recordingProxy();
  const { remoteSettings } = await sessionTo(proxy.url);
  expect(remoteSettings).toMatchObject({
    maxConcurrentStreams: 250,
    maxHeaderListSize: 512 * 1024,
  });
});

test('requests that are reset at once do not reach the upstream', async () => {
  const upstream = await httpUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const url = `${upstream.url}/`;
  const pairs = Array.from({ length: 500 }, (_, i) =>
    Buffer.concat([headers(2 * i + 1, 'GET', url), reset(2 * i + 1)]),
  );
  client.send(Buffer.concat([preface, ...pairs, headers(1001, 'GET', url)]));
  await client.until('ok');
  // A few may start, where what was sent comes in pieces.
  expect((await proxy.recorded(1)).length).toBeLessThan(100);
  expect(upstream.connections).toBeLessThan(100);
});

test('one session that opens thousands of streams is ended, and other clients are served', async () => {
  const upstream = await httpUpstream((request, response) => {
    request.resume();
    if (request.method === 'GET') response.end('ok');
  });
  const proxy = await recordingProxy();
  const url = `${upstream.url}/`;
  const flood = await connectRaw(proxy.port);
  const posts = Array.from({ length: 5000 }, (_, i) => headers(2 * i + 1, 'POST', url));
  flood.send(Buffer.concat([preface, ...posts]));
  const session = await sessionTo(proxy.url);
  const answer = buffer(session.request(to(upstream.host)));
  expect(String(await answer)).toBe('ok');
  await flood.rest();
  expect(upstream.connections).toBeLessThan(300);
});
