import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, curl, openSecureTunnel, secure } from '../helpers/http-client.ts';
import { askHttp2 } from '../helpers/http2-client.ts';
import { clearHttp2Upstream } from '../helpers/http2-upstream.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection } from '../helpers/raw-client.ts';
import {
  deadPort,
  httpsUpstream,
  httpUpstream,
  tcpUpstream,
  upstreamAuthority,
} from '../helpers/upstream.ts';

const withCurl = testWith('curl', '--version');

// The Host knows a name where the tunnel leads to an address; only a name can be recorded again.
test('clear text in a tunnel is recorded as HTTP, and its Host is unchanged', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.headers.host));
  const proxy = await recordingProxy();
  const over = await openTunnel(proxy.port, upstream.host);
  const answer = await ask(proxy, `${upstream.url}/a`, { over, headers: ['Host', 'Some.Other:1'] });
  expect(answer.body.toString()).toBe('Some.Other:1');
  expect((await proxy.onlyRecorded()).request.url).toBe(`http://some.other:${upstream.port}/a`);
});

test('a tunnel carries one request after the other', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.url));
  const proxy = await recordingProxy();
  const client = rawConnection(await openTunnel(proxy.port, upstream.host));
  for (const path of ['/a', '/b', '/c']) {
    client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(await client.until(`\r\n\r\n${path}`)).toMatch(/^HTTP\/1\.1 200 OK/);
  }
  expect((await proxy.recorded(3)).map(({ request }) => new URL(request.url).pathname)).toEqual([
    '/a',
    '/b',
    '/c',
  ]);
});

test('data sent right after a CONNECT is not lost', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.url));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(
    `CONNECT ${upstream.host} HTTP/1.1\r\nHost: h\r\n\r\nGET /early HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  );
  expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*\/early/);
});

test('a plain request and a later CONNECT on one connection reach their own destinations', async () => {
  const first = await httpUpstream((_, response) => response.end('first'));
  const second = await httpUpstream((_, response) => response.end('second'));
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET ${first.url}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
  await client.until('first');
  client.send(`CONNECT ${second.host} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await client.until('\r\n\r\n');
  client.send(`GET / HTTP/1.1\r\nHost: ${second.host}\r\n\r\n`);
  await client.until('second');
  const urls = (await proxy.recorded(2)).map(({ request }) => request.url);
  expect(urls).toEqual([`${first.url}/`, `${second.url}/`]);
});

test('a tunnel in a tunnel leads to the inner destination', async () => {
  const upstream = await httpsUpstream((_, response) => response.end('inner'));
  const proxy = await recordingProxy();
  const outer = await openTunnel(proxy.port, 'somewhere.invalid:443');
  outer.write(`CONNECT ${upstream.host} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await once(outer, 'readable');
  expect(String(outer.read())).toMatch(/^HTTP\/1\.1 200 /);
  const over = await secure(proxy, outer, 'localhost');
  expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('inner');
});

describe('an unknown protocol', () => {
  test('passes unchanged in both directions, including its end', async () => {
    const upstream = await tcpUpstream((socket) => socket.pipe(socket));
    const proxy = await recordingProxy();
    const socket = await openTunnel(proxy.port, upstream.host);
    const sent = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), randomBytes(3_000_000)]);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.end(sent);
    await once(socket, 'end');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test('in which the server speaks first works', async () => {
    const upstream = await tcpUpstream((socket) => {
      socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      socket.on('data', (chunk) => socket.write(`got ${chunk}`));
    });
    const proxy = await recordingProxy();
    const client = rawConnection(await openTunnel(proxy.port, upstream.host));
    expect(await client.until('\r\n')).toBe('SSH-2.0-OpenSSH_9.2\r\n');
    client.send('SSH-2.0-me\r\n');
    expect(await client.until('me\r\n')).toBe('got SSH-2.0-me\r\n');
    // Said later than anybody would wait for it.
    client.send('GET / HTTP/1.1\r\n\r\n');
    await client.until('got GET / HTTP/1.1\r\n\r\n');
    client.socket.end();
    await eventually(() => expect(upstream.sockets.size).toBe(0));
  });

  test('in which the client speaks first, but late, still reaches its server', async () => {
    const upstream = await httpUpstream((_, response) => response.end('late'));
    const proxy = await recordingProxy();
    const client = rawConnection(await openTunnel(proxy.port, upstream.host));
    await eventually(() => expect(upstream.connections).toBe(1));
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.until('late')).toMatch(/^HTTP\/1\.1 200 /);
    await proxy.onlyRecorded();
  });

  test('in which an HTTP/2 client speaks late is recorded, although its server speaks at once', async () => {
    const upstream = await clearHttp2Upstream((_, response) => response.end('late'));
    const called = once(upstream.server, 'session');
    const proxy = await recordingProxy();
    const tunnel = await openTunnel(proxy.port, upstream.host);
    await called;
    await eventually(() => expect(upstream.sessions.size).toBe(0));
    const session = connectHttp2(upstream.url, { createConnection: () => tunnel });
    onTestFinished(() => session.destroy());
    expect((await askHttp2(session)).body).toBe('late');
    expect((await proxy.onlyRecorded()).request.httpVersion).toBe('2.0');
  });

  test('in which the client spoke while the proxy was held up gets no second connection', async () => {
    const upstream = await httpUpstream((_, response) => response.end('heard'));
    const proxy = await recordingProxy();
    const client = rawConnection(await openTunnel(proxy.port, upstream.host));
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
    await client.until('heard');
    expect(upstream.connections).toBe(1);
  });

  test('to a closed port is closed and causes a notice', async () => {
    const proxy = await recordingProxy();
    const port = await deadPort();
    const client = rawConnection(await openTunnel(proxy.port, `127.0.0.1:${port}`));
    client.send('\xff\xfe\xfd');
    expect(await client.rest()).toBe('');
    expect(proxy.notices).toMatchObject([{ kind: 'tunnel', host: `127.0.0.1:${port}` }]);
  });

  test('breaks off on both sides when one side breaks off', async () => {
    const upstream = await tcpUpstream(
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    );
    const proxy = await recordingProxy();
    const client = rawConnection(await openTunnel(proxy.port, upstream.host));
    client.send('\xff\xfe\xfd');
    expect(await client.rest()).toBe('');
  });

  test('outside a tunnel is answered 400', async () => {
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send('\xff\xfe\xfd');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('hosts to pass through', () => {
  test('keep their own certificate and are not recorded', async () => {
    const upstream = await httpsUpstream((_, response) => response.end('untouched'));
    const proxy = await recordingProxy({ passthrough: (hostname) => hostname === 'localhost' });
    const ca = (await upstreamAuthority()).certPem;
    const over = await openSecureTunnel(proxy, upstream.host, { ca });
    expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('untouched');
    expect(proxy.inFlight).toBe(0);
    // One that is recorded, to show that the other was not.
    const other = await httpUpstream((_, response) => response.end());
    await ask(proxy, other.url);
    expect((await proxy.onlyRecorded()).request.url).toBe(`${other.url}/`);
  });

  test('are recognised by the handshake when the tunnel leads to an address', async () => {
    const upstream = await httpsUpstream((_, response) => response.end('untouched'));
    const proxy = await recordingProxy({ passthrough: (hostname) => hostname === 'localhost' });
    const ca = (await upstreamAuthority()).certPem;
    const over = await openSecureTunnel(proxy, `127.0.0.1:${upstream.port}`, {
      ca,
      servername: 'localhost',
    });
    expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('untouched');
  });

  test('do not affect other hosts', async () => {
    const upstream = await httpsUpstream((_, response) => response.end('opened'));
    const proxy = await recordingProxy({ passthrough: (hostname) => hostname === 'other.example' });
    const over = await openSecureTunnel(proxy, upstream.host);
    expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('opened');
    await proxy.onlyRecorded();
  });
});

describe('SOCKS', () => {
  withCurl('5 with the name left to the proxy', async () => {
    const upstream = await httpUpstream((_, response) => response.end('socks'));
    const proxy = await recordingProxy();
    const url = `http://localhost:${upstream.port}/`;
    expect((await curl('--socks5-hostname', `127.0.0.1:${proxy.port}`, url)).stdout).toBe('socks');
    expect((await proxy.onlyRecorded()).request.url).toBe(url);
  });

  // The client resolved the name; only its Host still knows it.
  withCurl('5 and 4 with an address, recorded under the name', async () => {
    const upstream = await httpUpstream((_, response) => response.end('socks'));
    const proxy = await recordingProxy();
    const url = `http://localhost:${upstream.port}/`;
    for (const option of ['--socks5', '--socks4', '--socks4a']) {
      const resolve = `localhost:${upstream.port}:127.0.0.1`;
      const { stdout, stderr } = await curl(
        '--resolve',
        resolve,
        option,
        `127.0.0.1:${proxy.port}`,
        url,
      );
      expect([stdout, stderr]).toEqual(['socks', '']);
    }
    for (const { request } of await proxy.recorded(3)) expect(request.url).toBe(url);
  });

  withCurl('5 with TLS inside', async () => {
    const upstream = await httpsUpstream((_, response) => response.end('secret'));
    const proxy = await recordingProxy();
    const { stdout } = await curl(
      '--cacert',
      proxy.authority.files.cert,
      '--socks5-hostname',
      `127.0.0.1:${proxy.port}`,
      `${upstream.url}/`,
    );
    expect(stdout).toBe('secret');
    expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
  });

  test('5, byte by byte', async () => {
    const upstream = await httpUpstream((_, response) => response.end('dripped'));
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    const port = Buffer.alloc(2);
    port.writeUInt16BE(upstream.port);
    const hello = Buffer.from([5, 2, 2, 0]);
    // Told apart by the first two bytes.
    client.send(hello.subarray(0, 2));
    for (const byte of hello.subarray(2)) client.send(Buffer.from([byte]));
    expect(await client.until('\x00')).toBe('\x05\x00');
    for (const byte of Buffer.concat([Buffer.from([5, 1, 0, 1, 127, 0, 0, 1]), port])) {
      client.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until('\x05\x00\x00\x01\0\0\0\0\0\0');
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until('dripped');
  });

  const refused = {
    'a BIND': ['\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50', '\x05\x07'],
    'an address of no known type': ['\x05\x01\x00\x09', '\x05\x08'],
    'a name that is none': ['\x05\x01\x00\x03\x03a b\x00\x50', '\x05\x08'],
    'no name at all': ['\x05\x01\x00\x03\x00\x00\x50', '\x05\x08'],
    'a port that is none': ['\x05\x01\x00\x03\x01a\x00\x00', '\x05\x08'],
  } as const;
  test.each(Object.entries(refused))('%s is refused', async (_, [request, reply]) => {
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send('\x05\x01\x00');
    await client.until('\x05\x00');
    client.send(request);
    expect((await client.rest()).slice(0, 2)).toBe(reply);
  });

  test.each([
    ['a client that insists on a password', '\x05\x01\x02', '\x05\xff'],
    ['a BIND of version 4', '\x04\x02\x00\x50\x7f\x00\x00\x01\x00', '\x00\x5b'],
  ])('%s is refused', async (_, request, reply) => {
    const proxy = await recordingProxy();
    const client = await connectRaw(proxy.port);
    client.send(request);
    expect((await client.rest()).slice(0, 2)).toBe(reply);
  });

  test('that never ends times out', async () => {
    const proxy = await recordingProxy({ timeoutMs: 1000 });
    const client = await connectRaw(proxy.port);
    client.send('\x05\x01\x00');
    await client.until('\x05\x00');
    client.send('\x05\x01');
    expect(await client.rest()).toBe('');
  });
});

test('a tunnel over HTTP/2 carries TLS, clear text and unknown protocols', async () => {
  const clear = await httpUpstream((_, response) => response.end('clear'));
  const secret = await httpsUpstream((_, response) => response.end('secret'));
  const echo = await tcpUpstream((socket) => socket.pipe(socket));
  const proxy = await recordingProxy();
  const session = connectHttp2(proxy.url);
  onTestFinished(() => session.destroy());
  const open = async (target: string) => {
    const stream = session.request({ ':method': 'CONNECT', ':authority': target });
    const [head] = await once(stream, 'response');
    expect(head[':status']).toBe(200);
    return stream as unknown as Socket;
  };
  const answer = await ask(proxy, `${clear.url}/`, { over: await open(clear.host) });
  expect(answer.body.toString()).toBe('clear');
  const over = await secure(proxy, await open(secret.host), 'localhost');
  expect((await ask(proxy, `${secret.url}/`, { over })).body.toString()).toBe('secret');
  const unknown = rawConnection(await open(echo.host));
  unknown.send('\xff\xfe\xfd');
  expect(await unknown.until('\xfd')).toBe('\xff\xfe\xfd');
  const urls = (await proxy.recorded(2)).map(({ request }) => request.url);
  expect(urls).toEqual([`${clear.url}/`, `${secret.url}/`]);
});

test('a tunnel over HTTP/2 to an impossible destination is refused', async () => {
  const proxy = await recordingProxy();
  const session = connectHttp2(proxy.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:b' });
  const [head] = await once(stream, 'response');
  expect(head[':status']).toBe(400);
  stream.close();
});
