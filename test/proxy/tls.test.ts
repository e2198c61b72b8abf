import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, curl, openSecureTunnel, secure } from '../helpers/http-client.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection } from '../helpers/raw-client.ts';
import { httpsUpstream, httpUpstream, listen, upstreamAuthority } from '../helpers/upstream.ts';

/** What a certificate for any name of this machine lists. */
const loopbackNames = 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1';

const withCurl = testWith('curl', '--version');

/** An upstream with a certificate for a bare address of this machine. */
async function upstreamAt(address: string) {
  const { key, cert } = await (await upstreamAuthority()).credentialsFor(address);
  const server = createHttpsServer({ key, cert }, (_, response) => response.end(`from ${address}`));
  if (address !== '::1') return listen(server, 'https', address);
  server.listen(0, '::1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as { port: number };
  return { port, host: `[::1]:${port}`, url: `https://[::1]:${port}` };
}

async function testWithIpv6() {
  const server = createServer();
  const works = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(0, '::1', () => resolve(true));
  });
  server.close();
  if (!works) process.stderr.write('Skipped: this machine has no IPv6 loopback.\n');
  return works ? test : test.skip;
}
const withIpv6 = await testWithIpv6();

test('TLS to a name is opened with a certificate for that name', async () => {
  const upstream = await httpsUpstream((_, response) => response.end('secret'));
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host, { servername: 'localhost' });
  expect(over.alpnProtocol).toBe(false);
  expect(over.getPeerCertificate().subjectaltname).toBe(loopbackNames);
  expect((await ask(proxy, `${upstream.url}/x`, { over })).body.toString()).toBe('secret');
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/x`);
});

test('TLS to a bare IPv4 address, without a server name, is opened with a certificate for it', async () => {
  const upstream = await upstreamAt('127.0.0.1');
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  expect(over.getPeerCertificate().subjectaltname).toBe(loopbackNames);
  expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('from 127.0.0.1');
});

withIpv6('TLS to a bare IPv6 address is opened with a certificate for it', async () => {
  const upstream = await upstreamAt('::1');
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  expect(over.getPeerCertificate().subjectaltname).toMatch(/IP Address:0:0:0:0:0:0:0:1/);
  expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('from ::1');
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

withCurl.each(['--http1.1', '--http2', '--no-alpn'])(
  'curl %s reaches names and addresses through TLS',
  async (option) => {
    const named = await httpsUpstream((_, response) => response.end('from a name'));
    const bare = await upstreamAt('127.0.0.1');
    const proxy = await recordingProxy();
    const through = [option, '-x', proxy.url, '--cacert', proxy.authority.files.cert];
    expect(await curl(...through, `${named.url}/`)).toMatchObject({
      stdout: 'from a name',
      stderr: '',
    });
    expect(await curl(...through, `${bare.url}/`)).toMatchObject({
      stdout: 'from 127.0.0.1',
      stderr: '',
    });
    const versions = (await proxy.recorded(2)).map(({ request }) => request.httpVersion);
    const version = option === '--http2' ? '2.0' : '1.1';
    expect(versions).toEqual([version, version]);
  },
);

withCurl('TLS to the proxy itself carries plain requests and tunnels', async () => {
  const named = await httpsUpstream((_, response) => response.end('secret'));
  const proxy = await recordingProxy();
  const through = [
    '-x',
    `https://127.0.0.1:${proxy.port}`,
    '--proxy-insecure',
    '--cacert',
    proxy.authority.files.cert,
  ];
  expect(await curl(...through, `${named.url}/`)).toMatchObject({ stdout: 'secret', stderr: '' });
  const trusted = [
    '-x',
    `https://localhost:${proxy.port}`,
    '--proxy-cacert',
    proxy.authority.files.cert,
  ];
  expect(await curl(...trusted, '-k', `${named.url}/`)).toMatchObject({ stdout: 'secret' });
});

test('SOCKS in TLS to the proxy leads to clear text', async () => {
  const upstream = await httpUpstream((_, response) => response.end('clear'));
  const proxy = await recordingProxy();
  const socket = connect(proxy.port, '127.0.0.1');
  const client = rawConnection(await secure(proxy, socket, '127.0.0.1'));
  client.send('\x05\x01\x00');
  await client.until('\x05\x00');
  const port = String.fromCharCode(upstream.port >> 8, upstream.port & 0xff);
  client.send(`\x05\x01\x00\x01\x7f\x00\x00\x01${port}`);
  await client.until('\x05\x00\x00\x01\0\0\0\0\0\0');
  client.send('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await client.until('clear');
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('an https target in absolute-form goes out over TLS', async () => {
  const upstream = await httpsUpstream((request, response) => response.end(request.headers.host));
  const proxy = await recordingProxy();
  expect((await ask(proxy, `${upstream.url}/`)).body.toString()).toBe(upstream.host);
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('the server name of the handshake is passed on when the tunnel leads to an address', async () => {
  const seen: unknown[] = [];
  const upstream = await httpsUpstream((request, response) => {
    seen.push((request.socket as unknown as { servername: unknown }).servername);
    response.end();
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, `127.0.0.1:${upstream.port}`, {
    servername: 'localhost',
  });
  await ask(proxy, `${upstream.url}/`, { over });
  expect(seen).toEqual(['localhost']);
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('unknown ALPN protocols are accepted, because HTTP may still follow', async () => {
  const upstream = await httpsUpstream((_, response) => response.end('ok'));
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['http 1.1', 'x'] });
  expect(over.alpnProtocol).toBe('http 1.1');
  expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('ok');
});

test('a client that does not trust the authority causes one notice', async () => {
  const write = { out: vi.spyOn(process.stdout, 'write'), err: vi.spyOn(process.stderr, 'write') };
  const log = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
  const proxy = await recordingProxy();
  const said = () => [write.out, write.err, ...log].flatMap((spy) => spy.mock.calls);
  const before = said().length;
  const failed = openSecureTunnel(proxy, 'example.com:443', { ca: [] });
  await expect(failed).rejects.toThrow(/self-signed|unable to/);
  await eventually(() =>
    expect(proxy.notices).toMatchObject([{ kind: 'untrusted', host: 'example.com' }]),
  );
  expect(said().slice(before)).toEqual([]);
  vi.restoreAllMocks();
});

withCurl('curl without the authority is told about as well', async () => {
  const proxy = await recordingProxy();
  const { exitCode } = await curl('-x', proxy.url, 'https://example.com/');
  expect(exitCode).toBe(60);
  await eventually(() =>
    expect(proxy.notices).toMatchObject([{ kind: 'untrusted', host: 'example.com' }]),
  );
});

test('data that only begins like a handshake causes a notice and does no harm', async () => {
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send('\x16\x03\x01\x00\x05hello');
  await client.rest();
  await eventually(() => expect(proxy.notices).toMatchObject([{ kind: 'tls' }]));
});

test('an interrupted handshake does no harm', async () => {
  const proxy = await recordingProxy();
  const socket = await openTunnel(proxy.port, 'example.com:443');
  socket.end(Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]));
  await once(socket, 'close');
  await eventually(() => expect(proxy.notices.map(({ host }) => host)).toEqual(['example.com']));
});

test.each([
  [`${'a.'.repeat(120)}b`, 'the name itself'],
  ['under_score.example', 'the name itself'],
  ['-', 'the name itself'],
  ['xn--caf-dma.example', 'the name itself'],
  ['UPPER.example', 'upper.example'],
  ['dot.example.', 'dot.example'],
  ['a'.repeat(64), 'the host of the tunnel'],
  ['127.0.0.1:9443', 'the host of the tunnel'],
  ['[::1]', 'the host of the tunnel'],
  ['*.example', 'the host of the tunnel'],
  ['café.example', 'the host of the tunnel'],
  ['not a host', 'the host of the tunnel'],
])('with an SNI of %s, the certificate is for %s', async (servername, name) => {
  const named = { 'the name itself': servername, 'the host of the tunnel': 'tunnel.example' };
  const proxy = await recordingProxy();
  const socket = await openTunnel(proxy.port, 'tunnel.example:443');
  const tls = connectTls({
    socket,
    servername,
    ca: proxy.authority.certPem,
    checkServerIdentity: () => undefined,
  });
  onTestFinished(() => void tls.destroy());
  await once(tls, 'secureConnect');
  const certified = named[name as keyof typeof named] ?? name;
  expect(tls.getPeerCertificate().subjectaltname).toBe(`DNS:${certified}`);
});

test.each([
  '127.0.0.1:9443',
  '[::1]:9443',
  'a'.repeat(64),
  'not a host',
  'LOCALHOST',
  'localhost.',
])('a request passes whose SNI is %s', async (servername) => {
  const names: unknown[] = [];
  const upstream = await httpsUpstream((request, response) => {
    names.push((request.socket as unknown as { servername: unknown }).servername);
    response.end('passed');
  });
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host, {
    servername,
    checkServerIdentity: () => undefined,
  });
  const { status, body } = await ask(proxy, `${upstream.url}/`, { over });
  expect([status, body.toString()]).toEqual([200, 'passed']);
  expect(names).toEqual(['localhost']);
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('a request passes whose SNI has a port, in a tunnel to an address', async () => {
  const upstream = await upstreamAt('127.0.0.1');
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host, {
    servername: upstream.host,
    checkServerIdentity: () => undefined,
  });
  expect(over.getPeerCertificate().subjectaltname).toBe(loopbackNames);
  expect((await ask(proxy, `${upstream.url}/`, { over })).body.toString()).toBe('from 127.0.0.1');
  expect((await proxy.onlyRecorded()).request.url).toBe(`${upstream.url}/`);
});

test('a client that disconnects right after its handshake is reported as distrusting the authority', async () => {
  const proxy = await recordingProxy();
  const tls = await openSecureTunnel(proxy, '127.0.0.1:443');
  tls.end();
  await eventually(() =>
    expect(proxy.notices).toMatchObject([{ kind: 'untrusted', host: '127.0.0.1' }]),
  );
});

test('a client that disconnected while the proxy was held up is reported as distrusting, too', async () => {
  const proxy = await recordingProxy();
  const tls = await openSecureTunnel(proxy, '127.0.0.1:443');
  // Sent when the proxy has the client's last word of the handshake (RFC 8446, 4.6.1).
  await once(tls, 'session');
  tls.end();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
  await eventually(() =>
    expect(proxy.notices).toMatchObject([{ kind: 'untrusted', host: '127.0.0.1' }]),
  );
});

test('a client that has sent data may disconnect without a notice', async () => {
  const upstream = await httpsUpstream((_, response) => response.end());
  const proxy = await recordingProxy();
  const over = await openSecureTunnel(proxy, upstream.host);
  await ask(proxy, `${upstream.url}/`, { over });
  const http2 = await openSecureTunnel(proxy, upstream.host, { ALPNProtocols: ['h2'] });
  const session = connectHttp2(upstream.url, { createConnection: () => http2 });
  await once(session, 'remoteSettings');
  const closed = once(http2, 'close');
  session.close();
  await closed;
  expect(proxy.notices).toEqual([]);
});
