import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, curl, openSecureTunnel } from '../helpers/http-client.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { recordingProxy } from '../helpers/proxy.ts';
import { connectRaw, openTunnel, rawConnection, sendRaw } from '../helpers/raw-client.ts';
import { deadPort } from '../helpers/upstream.ts';

const withCurl = testWith('curl', '--version');

test('the proxy serves its own page and its authority in both formats', async () => {
  const proxy = await recordingProxy();
  const get = (path: string) => ask(proxy, path, { headers: ['Host', 'whatever'] });
  const direct = async (path: string) => {
    const answer = await sendRaw(
      proxy.port,
      `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    return answer.split('\r\n\r\n') as [string, string];
  };
  expect((await direct('/'))[1]).toContain(`${proxy.url}</code>`);
  const [head, pem] = await direct('/ca.pem');
  expect(head).toMatch(/content-type: application\/x-pem-file/);
  expect(new X509Certificate(pem).ca).toBe(true);
  const der = await get(`${proxy.url}/ca.der`);
  expect(der.header('content-type')).toBe('application/x-x509-ca-cert');
  expect(Buffer.compare(der.body, Buffer.from(proxy.authority.certDer))).toBe(0);
  expect((await direct('/ca.crt?x'))[0]).toMatch(/^HTTP\/1\.1 200 /);
  const [missing, why] = await direct('/<script>');
  expect(missing).toMatch(/^HTTP\/1\.1 404 [\s\S]*text\/plain/);
  expect(why).toContain('/<script>');
});

test('the page of a device shows its steps, and the address that it has called', async () => {
  const proxy = await recordingProxy();
  const page = async (userAgent: string) => {
    const answer = await fetch(`http://localhost:${proxy.port}/`, {
      headers: { 'User-Agent': userAgent },
    });
    return answer.text();
  };
  const phone = await page('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1');
  expect(phone).toContain(`http://localhost:${proxy.port}/proxy.pac`);
  expect(/<details[^>]* open>\s*<summary>([^<]*)/.exec(phone)?.[1]).toBe('iPhone and iPad');
  expect(await page('curl/8.0')).not.toMatch(/<details[^>]* open>/);
});

test('the proxy serves a profile for iOS and an automatic configuration, and does not answer WPAD', async () => {
  const proxy = await recordingProxy();
  const profile = await fetch(`${proxy.url}/ca.mobileconfig`);
  expect(profile.headers.get('content-type')).toBe('application/x-apple-aspen-config');
  expect(await profile.text()).toContain(Buffer.from(proxy.authority.certDer).toString('base64'));
  const pac = await fetch(`${proxy.url}/proxy.pac`);
  expect(pac.headers.get('content-type')).toBe('application/x-ns-proxy-autoconfig');
  expect(await pac.text()).toContain(`return "PROXY 127.0.0.1:${proxy.port}";`);
  expect((await fetch(`${proxy.url}/wpad.dat`)).status).toBe(404);
});

test('clients of the proxy reach its page as pmproxy.local, also where all paths lead to a server', async () => {
  const proxy = await recordingProxy({ targets: [{ prefix: '', url: 'http://127.0.0.1:1' }] });
  const page = await ask(proxy, 'http://pmproxy.local/');
  expect(String(page.body)).toContain(`http://127.0.0.1:${proxy.port}<`);
  const over = await openSecureTunnel(proxy, 'pmproxy.local:443');
  const secure = await ask(proxy, 'https://pmproxy.local/ca.pem', { over });
  expect(String(secure.body)).toBe(proxy.authority.certPem);
});

test('on all addresses, the page shows each client the address that it has called', async () => {
  const proxy = await recordingProxy({ bind: '0.0.0.0' });
  const page = await ask(proxy, 'http://pmproxy.local/');
  expect(String(page.body)).toContain(`http://127.0.0.1:${proxy.port}<`);
});

test('the check says whether the proxy is used and its certificate trusted', async () => {
  const proxy = await recordingProxy();
  const direct = await fetch(`${proxy.url}/check`);
  expect(await direct.text()).toContain('sent to the proxy itself');
  const plain = await ask(proxy, 'http://pmproxy.local/check');
  expect(String(plain.body)).toMatch(/^The proxy is used\. To check the certificate, open https:/);
  const over = await openSecureTunnel(proxy, 'pmproxy.local:443');
  const secure = await ask(proxy, 'https://pmproxy.local/check', { over });
  expect(String(secure.body)).toBe('The proxy is used, and its certificate is trusted.\n');
});

test.each(['127.0.0.1', 'localhost', '127.0.0.1.', 'LOCALHOST', '[::ffff:127.0.0.1]', '0.0.0.0'])(
  'a request in absolute-form for the proxy as %s is answered by the proxy, not treated as a loop',
  async (name) => {
    const proxy = await recordingProxy();
    const answer = await ask(proxy, `http://${name}:${proxy.port}/`, { headers: ['Host', 'h'] });
    // With a dot at its end it is a name, which may or may not resolve.
    expect([200, 502, 508]).toContain(answer.status);
    if (!name.endsWith('.')) expect(answer.body.toString()).toContain('This is a recording proxy');
    expect(proxy.inFlight).toBe(0);
  },
);

test.each(['127.0.0.1', 'localhost', '0.0.0.0'])(
  'a tunnel to the proxy as %s ends at its page, in clear text and in TLS',
  async (name) => {
    const proxy = await recordingProxy();
    const target = `${name}:${proxy.port}`;
    const clear = await ask(proxy, `http://${target}/`, {
      over: await openTunnel(proxy.port, target),
    });
    expect(clear.body.toString()).toContain('This is a recording proxy');
    const over = await openSecureTunnel(proxy, target);
    const secure = await ask(proxy, `https://${target}/ca.pem`, { over });
    expect(secure.body.toString()).toBe(proxy.authority.certPem);
  },
);

test('a tunnel to the proxy for another protocol is closed', async () => {
  const proxy = await recordingProxy();
  const client = rawConnection(await openTunnel(proxy.port, `localhost:${proxy.port}`));
  client.send('\xff\xfe\xfd');
  expect(await client.rest()).toBe('');
  expect(proxy.notices).toMatchObject([{ kind: 'tunnel' }]);
});

// The destination of a silent tunnel is connected to after a while, which must not be the proxy itself.
test('a silent tunnel to the proxy does not make the proxy connect to itself', async () => {
  const clock = manualClock();
  const proxy = await recordingProxy({ clock });
  const client = rawConnection(await openTunnel(proxy.port, `127.0.0.1:${proxy.port}`));
  await eventually(() => expect(clock.running).toBe(1));
  clock.advance(1000);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
});

test('a proxy that chains to itself answers with a loop error', async () => {
  const port = await deadPort();
  const looping = await recordingProxy({ port, via: new URL(`http://127.0.0.1:${port}`) });
  const answer = await ask(looping, 'http://example.invalid/');
  expect(answer.status).toBe(508);
  expect((await looping.onlyRecorded()).outcome).toMatchObject({
    kind: 'failed',
    reason: { kind: 'loop' },
  });
});

test('over HTTP/2 the proxy itself is addressed by its authority', async () => {
  const proxy = await recordingProxy();
  const session = connectHttp2(proxy.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/ca.pem' });
  let body = '';
  stream.on('data', (chunk) => {
    body += chunk;
  });
  await once(stream, 'end');
  expect(body).toBe(proxy.authority.certPem);
});

test('over HTTP/2 an invalid host is answered 400', async () => {
  const proxy = await recordingProxy();
  const session = connectHttp2(proxy.url);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/', ':authority': 'a:99999' });
  expect((await once(stream, 'response'))[0][':status']).toBe(400);
  stream.close();
});

test('a proxy bound to one address forwards requests for other addresses', async () => {
  const proxy = await recordingProxy();
  const client = await connectRaw(proxy.port);
  client.send(`GET http://127.0.0.2:${proxy.port}/ HTTP/1.1\r\nHost: h\r\n\r\n`);
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 502 /);
});

test('a proxy bound to all addresses recognises itself under each address', async () => {
  const proxy = await recordingProxy({ bind: '0.0.0.0' });
  expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}`);
  const answer = await ask(proxy, `http://127.0.0.2:${proxy.port}/`);
  expect(answer.body.toString()).toContain('This is a recording proxy');
});

withCurl('TLS to the proxy without a tunnel shows its page too', async () => {
  const proxy = await recordingProxy();
  const { stdout } = await curl(
    '--cacert',
    proxy.authority.files.cert,
    `https://127.0.0.1:${proxy.port}/`,
  );
  expect(stdout).toContain('This is a recording proxy');
});
