import { describe, expect, test } from 'vitest';
import { ask } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, sendRaw } from '../helpers/raw-client.ts';
import { httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

/** An upstream that nothing malformed may reach, and a proxy that must still work afterwards. */
async function untouched() {
  let bytes = '';
  const upstream = await tcpUpstream((socket) => {
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const proxy = await recordingProxy({ timeoutMs: 20_000 });
  const check = async () => {
    expect(bytes).toBe('');
    const alive = await httpUpstream((_, response) => response.end('alive'));
    expect((await ask(proxy, alive.url)).body.toString()).toBe('alive');
  };
  return { upstream, proxy, check };
}

const at = (text: string, host: string) => text.replaceAll('HOST', host);

describe('a target that cannot be parsed is answered 400', () => {
  const targets = [
    'http://[::1',
    'http://[::1/',
    'http://xn--/',
    'http://ex[ample/',
    'http://',
    'http:///path',
    'http://user:password@HOST/',
    'http://HOST:99999/',
    'http://a:0/',
    'http://a b/',
    'http://exa%6dple/',
    'http://[fe80::1%25eth0/',
    'ftp://HOST/',
    'http:HOST',
    'HOST',
    '*',
    '?query',
    `http://${'a'.repeat(70_000)}/`,
  ];
  test.each(targets.map((target) => [target.slice(0, 40), target]))('%s', async (_, target) => {
    const { upstream, proxy, check } = await untouched();
    // xn-- is a name that does not exist.
    const expected =
      target === 'http://xn--/' || target.length > 1000
        ? /^HTTP\/1\.1 (400|502) /
        : /^HTTP\/1\.1 400 /;
    const answer = await sendRaw(
      proxy.port,
      at(`GET ${target} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n`, upstream.host),
    );
    expect(answer).toMatch(expected);
    expect(answer).toContain('pmproxy');
    await check();
  });
});

describe('an ambiguous or broken request is answered 400 and not sent on', () => {
  const requests: Record<string, string> = {
    'a length and chunks':
      'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'two lengths that differ':
      'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'two lengths that agree':
      'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na',
    'a length that is none': 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: +1\r\n\r\na',
    'a negative length': 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n',
    'a huge length':
      'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 99999999999999999999\r\n\r\n',
    'an unknown transfer coding':
      'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'chunks in HTTP/1.0':
      'POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'chunked that is not last':
      'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
    'a folded line': 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\nY: c\r\n\r\n',
    'a bare CR': 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\rb\r\n\r\n',
    'a null byte in a value': 'GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n',
    'a null byte in a name': 'GET / HTTP/1.1\r\nHost: HOST\r\nX\0: a\r\n\r\n',
    'a space before the colon': 'GET / HTTP/1.1\r\nHost: HOST\r\nX : a\r\n\r\n',
    'a line without a colon': 'GET / HTTP/1.1\r\nHost: HOST\r\nnonsense\r\n\r\n',
    'an empty name': 'GET / HTTP/1.1\r\nHost: HOST\r\n: a\r\n\r\n',
    'two Hosts': 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n',
    'an unknown version': 'GET / HTTP/9.9\r\nHost: HOST\r\n\r\n',
    'a control character in the target': 'GET /a\x01b HTTP/1.1\r\nHost: HOST\r\n\r\n',
    'a null byte in the target': 'GET /a\0b HTTP/1.1\r\nHost: HOST\r\n\r\n',
  };
  test.each(Object.entries(requests))('%s, outside a tunnel', async (_, request) => {
    const { upstream, proxy, check } = await untouched();
    const text = at(request, upstream.host).replace(/^([A-Z]+ +)\//, `$1${upstream.url}/`);
    expect(await sendRaw(proxy.port, text)).toMatch(/^HTTP\/1\.1 400 /);
    await check();
  });

  test.each(Object.entries(requests))('%s, in a tunnel', async (_, request) => {
    const { upstream, proxy, check } = await untouched();
    const socket = await openTunnel(proxy.port, upstream.host);
    const answer: Buffer[] = [];
    socket.on('data', (chunk) => answer.push(chunk));
    socket.write(Buffer.from(at(request, upstream.host), 'latin1'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(answer).toString()).toMatch(/^HTTP\/1\.1 400 /);
    await check();
  });

  // The head is gone by then; what follows it is not.
  test('a bad chunk size after a valid head aborts the request upstream', async () => {
    let ended = false;
    const upstream = await httpUpstream((request) => {
      request.on('end', () => {
        ended = true;
      });
      request.on('error', () => {}).resume();
    });
    const proxy = await recordingProxy();
    const answer = await sendRaw(
      proxy.port,
      `POST ${upstream.url}/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n`,
    );
    expect(answer).toMatch(/^(HTTP\/1\.1 400 |$)/);
    expect((await proxy.onlyRecorded()).outcome.kind).toBe('aborted');
    expect(ended).toBe(false);
  });
});

describe('a CONNECT', () => {
  const targets = [
    '[::1',
    'a:b',
    '/path',
    'http://a/',
    ':443',
    'a:99999',
    'a b:443',
    'a:',
    '[::1]:0',
    'user@a:443',
    '*',
  ];
  test.each(targets)('to %s is refused', async (target) => {
    const { proxy, check } = await untouched();
    const answer = await sendRaw(proxy.port, `CONNECT ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    await check();
  });
});

// mockttp looks for metadata of its own in there.
test.each(['Basic', 'Basic ', 'Basic !', 'nonsense', 'Basic bWV0YWRhdGE6ew=='])(
  'a CONNECT with the credentials %j is granted like any other',
  async (credentials) => {
    const { upstream, proxy } = await untouched();
    const client = await connectRaw(proxy.port);
    client.send(`CONNECT ${upstream.host} HTTP/1.1\r\nProxy-Authorization: ${credentials}\r\n\r\n`);
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test('a request with an invalid method is answered 400', async () => {
  const { proxy, check } = await untouched();
  expect(await sendRaw(proxy.port, 'BREW http://a/ HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  await check();
});

test('a connection that closes after no data or half a line has no effect', async () => {
  const { proxy, check } = await untouched();
  for (const bytes of [
    '',
    'G',
    'CONN',
    '\x16',
    '\x16\x03\x01',
    '\x05',
    '\x05\x01',
    '\x05\x02\x00',
    '\x04\x01',
    'PRI * HT',
  ]) {
    const client = await connectRaw(proxy.port);
    client.send(bytes);
    client.socket.end();
    await client.rest();
  }
  await check();
});

// Not Math.random: what fails must fail again.
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3, 4])(
  'random bytes and randomly damaged requests have no effect on the proxy (seed %i)',
  async (seed) => {
    const { proxy, check } = await untouched();
    const random = generator(seed);
    const starts = [
      '',
      'GET http://127.0.0.1:9/ HTTP/1.1\r\n',
      'CONNECT 127.0.0.1:9 HTTP/1.1\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01',
      '\x05\x01\x00\x05\x01\x00\x03',
      '\x04\x01\x00\x50',
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n',
      'POST http://127.0.0.1:9/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ];
    const tries = Array.from({ length: 60 }, async () => {
      const start = Buffer.from(starts[Math.floor(random() * starts.length)] ?? '', 'latin1');
      const noise = Buffer.from(
        Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
      );
      const bytes = Buffer.concat([start, noise]);
      if (random() < 0.5 && bytes.length > 0) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      const client = await connectRaw(proxy.port);
      client.send(bytes);
      client.socket.end();
      await client.rest();
    });
    await Promise.all(tries);
    await check();
  },
);
