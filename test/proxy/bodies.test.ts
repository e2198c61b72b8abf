import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bigBody } from '../helpers/big-body.ts';
import { ask, askHead } from '../helpers/http-client.ts';
import { answerIn, bodyOf, recordingProxy } from '../helpers/proxy.ts';
import { connectRaw } from '../helpers/raw-client.ts';
import { cannedUpstream, deadPort, httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

const MB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.each(['chunked', 'with a length'])('bodies %s', (framing) => {
  const withLength = framing !== 'chunked';

  test.each([1, 1000, 65_535, 65_536, 3 * MB])(
    'of %i bytes arrive unchanged in both directions',
    async (size) => {
      const sent = randomBytes(size);
      const upstream = await httpUpstream((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', () => {
          const body = Buffer.concat(chunks);
          if (withLength) response.setHeader('Content-Length', body.length);
          response.setHeader('X-Length', request.headers['content-length'] ?? '-');
          response.write(body.subarray(0, size / 2));
          response.end(body.subarray(size / 2));
        });
      });
      const proxy = await recordingProxy();
      const headers = withLength
        ? ['Content-Length', String(size)]
        : ['Transfer-Encoding', 'chunked'];
      const answer = await ask(proxy, upstream.url, {
        method: 'POST',
        headers,
        body: Readable.from(
          [sent.subarray(0, size / 3), sent.subarray(size / 3)].filter((part) => part.length > 0),
        ),
      });
      expect(sha256(answer.body)).toBe(sha256(sent));
      expect(answer.header('content-length')).toBe(withLength ? String(size) : undefined);
      if (withLength) expect(answer.header('x-length')).toBe(String(size));
      const exchange = await proxy.onlyRecorded();
      for (const message of [exchange.request, answerIn(exchange)]) {
        expect(message.body?.size).toBe(size);
        expect(sha256(await message.body!.bytes())).toBe(sha256(sent));
      }
    },
  );
});

test('chunks that arrive in one packet arrive whole, before the end of the body', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n',
  );
  const proxy = await recordingProxy();
  const { body } = await ask(proxy, upstream.url);
  expect(body.toString()).toBe('onetwothree');
});

test('bodies that pass together stay apart, for their clients and in the record', async () => {
  const bodyFor = (index: number) =>
    Buffer.alloc(20_000 + 9_000 * (index % 20), `${index % 26} of ${index}, `);
  const upstream = await httpUpstream((request, response) => {
    const body = bodyFor(Number(request.url?.slice(1)));
    response.write(body.subarray(0, 30_000));
    response.end(body.subarray(30_000));
  });
  const proxy = await recordingProxy();
  const rounds = 5;
  const atOnce = 30;
  for (let round = 0; round < rounds; round++) {
    const indexes = Array.from({ length: atOnce }, (_, i) => round * atOnce + i);
    const answers = await Promise.all(
      indexes.map((index) => ask(proxy, `${upstream.url}/${index}`)),
    );
    for (const [i, index] of indexes.entries())
      expect(sha256(answers[i]?.body ?? Buffer.alloc(0))).toBe(sha256(bodyFor(index)));
  }
  for (const exchange of await proxy.recorded(rounds * atOnce)) {
    const index = Number(new URL(exchange.request.url).pathname.slice(1));
    expect(sha256(await answerIn(exchange).body!.bytes())).toBe(sha256(bodyFor(index)));
  }
});

test('an event arrives while its stream stays open', async () => {
  let send = (_: string) => {};
  const upstream = await httpUpstream((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    send = (text) => void response.write(text);
  });
  const proxy = await recordingProxy();
  const response = await askHead(proxy, upstream.url);
  for (const event of ['data: one\n\n', 'data: two\n\n']) {
    send(event);
    const [chunk] = await once(response, 'data');
    expect(chunk.toString()).toBe(event);
  }
  response.destroy();
  const exchange = await proxy.onlyRecorded();
  expect(exchange.outcome.kind).toBe('aborted');
  expect(await bodyOf(answerIn(exchange))).toBe('data: one\n\ndata: two\n\n');
});

test('a slow body is passed on as it arrives, in both directions', async () => {
  const upstream = await httpUpstream((request, response) => {
    request.on('data', (chunk) => response.write(chunk)).on('end', () => response.end());
  });
  const proxy = await recordingProxy();
  const request = httpRequest({
    port: proxy.port,
    host: '127.0.0.1',
    path: upstream.url,
    method: 'POST',
  });
  onTestFinished(() => void request.destroy());
  request.write('0');
  const [response] = await once(request, 'response');
  for (let i = 0; i < 5; i += 1) {
    const [chunk] = await once(response, 'data');
    expect(chunk.toString()).toBe(String(i));
    request.write(String(i + 1));
  }
  request.end();
  await once(response.resume(), 'end');
  expect(await bodyOf((await proxy.onlyRecorded()).request)).toBe('012345');
});

test('the response to a HEAD keeps its length and has no body', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.setHeader('Content-Length', '1234').end();
  });
  const proxy = await recordingProxy();
  const answer = await ask(proxy, upstream.url, { method: 'HEAD' });
  expect([answer.header('content-length'), answer.body.length]).toEqual(['1234', 0]);
  expect(answerIn(await proxy.onlyRecorded()).body).toBeUndefined();
});

test.each([
  ['204 No Content', 'X: y\r\n'],
  ['304 Not Modified', 'ETag: "e"\r\nContent-Length: 77\r\n'],
  ['205 Reset Content', 'Content-Length: 0\r\n'],
])('a %s ends with its head', async (status, lines) => {
  const upstream = await cannedUpstream(`HTTP/1.1 ${status}\r\n${lines}\r\n`);
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  const ask = `GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
  client.send(ask);
  expect(await client.rest()).toBe(`HTTP/1.1 ${status}\r\n${lines}Connection: close\r\n\r\n`);
  expect(answerIn(await proxy.onlyRecorded()).body).toBeUndefined();
});

test('early hints come before the answer and are recorded', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n' +
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  );
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${upstream.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
  expect(await client.until('\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 103 [^\r]*\r\nLink: <\/a.css>; rel=preload\r\nLink: <\/b.js>\r\n\r\n$/,
  );
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 102 /);
  expect(await client.until('ok')).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answerIn(await proxy.onlyRecorded()).informational).toEqual([
    {
      status: 103,
      headers: [
        ['Link', '</a.css>; rel=preload'],
        ['Link', '</b.js>'],
      ],
    },
    { status: 102, headers: [] },
  ]);
});

test('trailers follow a chunked answer and are recorded', async () => {
  const upstream = await cannedUpstream(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  const proxy = await recordingProxy();
  const answer = await ask(proxy, upstream.url);
  expect(answer.body.toString()).toBe('ok');
  expect(answer.rawTrailers).toEqual(['X-Sum', '42']);
  expect(answerIn(await proxy.onlyRecorded()).trailers).toEqual([['X-Sum', '42']]);
});

test('trailers of a request reach the upstream and are recorded', async () => {
  const upstream = await httpUpstream((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(request.rawTrailers)));
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n` +
      'Connection: close\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  expect(await client.rest()).toContain('["X-Sum","42"]');
  const { request } = await proxy.onlyRecorded();
  expect(await bodyOf(request)).toBe('ok');
  expect(request.trailers).toEqual([['X-Sum', '42']]);
});

test('encoded bodies pass unchanged, whether valid, broken or unknown', async () => {
  const whole = gzipSync('hello '.repeat(1000));
  const bodies: Record<string, [coding: string, bytes: Buffer]> = {
    '/whole': ['gzip', whole],
    '/truncated': ['gzip', whole.subarray(0, 20)],
    '/brotli': ['br', Buffer.from('no brotli at all')],
    '/zstd': ['zstd', Buffer.from([0x28, 0xb5, 0x2f])],
    '/unknown': ['x-rot13', Buffer.from('uryyb')],
    '/stacked': ['gzip, br', Buffer.from('twice')],
  };
  const upstream = await httpUpstream((request, response) => {
    const [coding, bytes] = bodies[request.url ?? '']!;
    response.setHeader('Content-Encoding', coding).end(bytes);
  });
  const proxy = await recordingProxy();
  for (const [path, [coding, bytes]] of Object.entries(bodies)) {
    const answer = await ask(proxy, `${upstream.url}${path}`);
    expect([answer.header('content-encoding'), sha256(answer.body)]).toEqual([
      coding,
      sha256(bytes),
    ]);
  }
  const recorded = await proxy.recorded(6);
  for (const [i, [coding, bytes]] of Object.values(bodies).entries()) {
    const { body } = answerIn(recorded[i]!);
    expect(body?.encoding).toEqual(coding.split(', '));
    expect(sha256(await body!.bytes())).toBe(sha256(bytes));
  }
});

describe('Expect: 100-continue', () => {
  test('reaches the upstream, whose 100 reaches the client before the body is sent', async () => {
    const upstream = await httpUpstream((request, response) => {
      response.setHeader('X-Expect', String(request.headers.expect));
      request.pipe(response);
    });
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`,
    );
    expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    expect(await client.rest()).toMatch(
      /^HTTP\/1\.1 200 OK[\s\S]*x-expect: 100-continue[\s\S]*hello/i,
    );
    expect(await bodyOf((await proxy.onlyRecorded()).request)).toBe('hello');
  });

  test('leaves the connection usable for later requests', async () => {
    const upstream = await httpUpstream((request, response) => void request.pipe(response));
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    for (let i = 0; i < 2; i += 1) {
      client.send(
        `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      );
      await client.until('HTTP/1.1 100 Continue\r\n\r\n');
      client.send('hello');
      await client.until('0\r\n\r\n');
    }
  });

  test('is answered 502 at once where the upstream is down', async () => {
    const port = await deadPort();
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(
      `POST http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
    );
    const answer = await client.rest();
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer).not.toContain('100 Continue');
  });

  const go = 'HTTP/1.1 100 Continue\r\n\r\n';
  test.each([
    ['with its answer', `${go}@`],
    ['by itself', [go, '@']],
    ['with lines of its own, twice', `HTTP/1.1 100 Continue\r\nX: y\r\n\r\n${go}@`],
    ['behind early hints', ['HTTP/1.1 103 Early Hints\r\n\r\n', '@']],
  ])('that an upstream sends unasked is passed on: %s', async (_, packets) => {
    // An interim response inside a body is part of the body.
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${go.length}\r\n\r\n`;
    const upstream = await tcpUpstream((socket) => {
      socket.setNoDelay(true);
      socket.on('data', async (chunk) => {
        if (!String(chunk).startsWith('POST')) return;
        for (const packet of [...[packets].flat(), go]) {
          socket.write(packet.replace('@', answer));
          await delay(20);
        }
      });
    });
    const proxy = await recordingProxy();
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await ask(proxy, upstream.url, { method: 'POST', body: 'x' });
      expect([status, body.toString()]).toEqual([200, go]);
    }
    expect(upstream.connections).toBe(1);
  });

  test.each(['401 Unauthorized', '417 Expectation Failed'])(
    'that is answered %s returns that response before any of the body is sent',
    async (status) => {
      const upstream = await cannedUpstream(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      const proxy = await recordingProxy();
      const client = await connectRaw(proxy.port);
      client.send(
        `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      );
      expect(await client.until('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
      expect(answerIn(await proxy.onlyRecorded()).status).toBe(Number(status.slice(0, 3)));
    },
  );

  test('with an unknown expectation is passed to the upstream', async () => {
    const upstream = await httpUpstream((_, response) => response.end('ok'));
    const proxy = await recordingProxy();
    const answer = await ask(proxy, upstream.url, { headers: ['Expect', 'the-unexpected'] });
    expect(answer.status).toBe(417);
  });
});

test('an early 413 reaches a client that is still sending, and both messages are recorded', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', () => {
      socket.end(
        'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig',
      );
    });
  });
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\nthe beginning`,
  );
  expect(await client.until('\r\n\r\nbig')).toMatch(/^HTTP\/1\.1 413 Content Too Large/);
  const exchange = await proxy.onlyRecorded();
  expect(exchange.outcome.kind).toBe('completed');
  expect(answerIn(exchange).status).toBe(413);
  expect(await bodyOf(answerIn(exchange))).toBe('big');
  expect(await bodyOf(exchange.request)).toBe('the beginning');
});

test('a client that sends its whole body before it reads also gets the early response', async () => {
  const upstream = await tcpUpstream((socket) => {
    socket.once('data', () => {
      socket.end(
        'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig',
      );
    });
  });
  const proxy = await recordingProxy();
  const { body } = bigBody(20);
  const answer = await ask(proxy, upstream.url, { method: 'POST', body });
  expect([answer.status, answer.body.toString()]).toEqual([413, 'big']);
});
