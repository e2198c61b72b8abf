import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { clientCertificate, selfSignedCertificate } from '../helpers/certificates.ts';
import { newPlace, type Place, pathsIn, runCli, startSave } from '../helpers/cli.ts';
import { ask, curl } from '../helpers/http-client.ts';
import { openTunnel } from '../helpers/raw-client.ts';
import {
  httpsUpstream,
  httpUpstream,
  listen,
  lowPort,
  upstreamAuthority,
} from '../helpers/upstream.ts';

/** Asks for a URL with curl through a recording with these options; its status and what was recorded. */
async function through(
  place: Place,
  args: readonly string[],
  url: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ status: string; recorded: string; stderr: string }> {
  const cli = await startSave(place, ['-o', 't.json', ...args], { env });
  const { stdout } = await curl(
    '-x',
    cli.proxy,
    '--cacert',
    cli.ca,
    '-o',
    place.path('body'),
    '-w',
    '%{http_code}',
    url,
  );
  const { code, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(0);
  return { status: stdout, recorded: await place.read('t.json'), stderr };
}

describe('trust in upstream servers', () => {
  const secure = () => httpsUpstream((_, response) => response.end('secure'));

  test('a certificate of an unknown authority is refused and recorded as a failure', async () => {
    const { status, recorded, stderr } = await through(await newPlace(), [], (await secure()).url);
    expect(status).toBe('502');
    expect(stderr).toMatch(/"outcome":"failed".*"reason":"tls"/);
    expect(pathsIn(recorded)).toEqual(['/']);
  });

  test.each([['--insecure'], ['--insecure', 'localhost'], ['--insecure', '*']])(
    '%s %s accepts it',
    async (...args) => {
      expect((await through(await newPlace(), args, (await secure()).url)).status).toBe('200');
    },
  );

  test('--insecure for another host does not accept it', async () => {
    const args = ['--insecure', 'other.test'];
    expect((await through(await newPlace(), args, (await secure()).url)).status).toBe('502');
  });

  test('--trust accepts certificates of the given authority', async () => {
    const args = ['--trust', (await upstreamAuthority()).files.cert];
    expect((await through(await newPlace(), args, (await secure()).url)).status).toBe('200');
  });
});

test('--client-cert presents the certificate to its host', async () => {
  const authority = await upstreamAuthority();
  const upstream = await httpsUpstream(
    (incoming, response) => {
      const socket = incoming.socket as TLSSocket;
      response.writeHead(socket.authorized ? 200 : 403).end();
    },
    { requestCert: true, rejectUnauthorized: false, ca: authority.certPem },
  );
  const place = await newPlace();
  const { key, cert } = await clientCertificate(authority, 'ann');
  await writeFile(place.path('cert.pem'), cert);
  await writeFile(place.path('key.pem'), key);
  const shown = (host: string) => ['--insecure', '--client-cert', `${host}=cert.pem,key.pem`];
  expect((await through(place, shown('localhost'), upstream.url)).status).toBe('200');
  expect((await through(place, shown('other.test'), upstream.url)).status).toBe('403');
});

test('--passthrough leaves TLS to the client and the server, and records nothing', async () => {
  const own = await selfSignedCertificate('localhost');
  const upstream = await httpsUpstream((_, response) => response.end('untouched'), own);
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--passthrough', 'localhost']);
  const socket = connect({
    socket: await openTunnel(cli.port, upstream.host),
    servername: 'localhost',
    ca: own.cert,
  });
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect(Buffer.concat(await socket.toArray()).toString()).toContain('untouched');
  await cli.end('SIGINT');
  expect(pathsIn(await place.read('t.json'))).toEqual([]);
});

describe('another proxy', () => {
  /** Answers whatever it is asked for in absolute-form itself. */
  async function otherProxy() {
    const server = createServer((incoming, response) => response.end(`proxied ${incoming.url}`));
    return listen(server, 'http', '127.0.0.1');
  }
  // It resolves nowhere, so only the other proxy can have answered.
  const TARGET = 'http://nowhere.invalid/a';

  test('--upstream receives every request', async () => {
    const place = await newPlace();
    const { status } = await through(place, ['--upstream', (await otherProxy()).url], TARGET);
    expect(status).toBe('200');
    expect(await place.read('body')).toBe(`proxied ${TARGET}`);
  });

  test('the proxy of the environment receives the requests unless --no-upstream is given', async () => {
    const env = { HTTP_PROXY: (await otherProxy()).url };
    expect((await through(await newPlace(), [], TARGET, env)).status).toBe('200');
    const ignored = await through(await newPlace(), ['--no-upstream'], TARGET, env);
    expect(ignored.status).toBe('502');
    expect(ignored.stderr).toContain('"reason":"unknown-host"');
  });
});

test('--timeout gives up on a silent server', async () => {
  const upstream = await httpUpstream(() => {});
  const { status, stderr } = await through(await newPlace(), ['--timeout', '2s'], upstream.url);
  expect(status).toBe('504');
  expect(stderr).toContain('"reason":"timeout"');
});

test('--bind listens on the given address only', async () => {
  const upstream = await httpUpstream((_, response) => response.end('bound'));
  // Others may be given the same port of another address.
  const port = String(await lowPort());
  const cli = await startSave(await newPlace(), ['--bind', '127.0.0.2', '--port', port]);
  expect(cli.proxy).toBe(`http://127.0.0.2:${cli.port}`);
  const { stdout } = await curl('-x', cli.proxy, upstream.url);
  expect(stdout).toBe('bound');
  await expect(ask(cli, upstream.url)).rejects.toThrow('ECONNREFUSED');
});

test('--port listens on the given port', async () => {
  const port = await lowPort();
  expect((await startSave(await newPlace(), ['--port', String(port)])).port).toBe(port);
});

test('--target sends requests for the proxy itself to a server, and says so', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.url));
  const cli = await startSave(await newPlace(), [
    '-o',
    't.har',
    '--target',
    `/api=${upstream.url}`,
  ]);
  expect(await (await fetch(`${cli.proxy}/api/users`)).text()).toBe('/users');
  const { stderr } = await cli.end('SIGINT');
  expect(stderr).toContain(`Requests to ${cli.proxy}/api go to ${upstream.url}`);
  expect(stderr).toContain(`${upstream.url}/users`);
});

test('--proxy-auth is given to the wrapped command, and is neither logged nor recorded', async () => {
  const upstream = await httpUpstream((request, response) => response.end(request.url));
  const place = await newPlace();
  const script = `curl -s ${upstream.url}/curl; node -e 'fetch("${upstream.url}/node")'`;
  const options = ['-o', 't.har', '--proxy-auth', 'ada:s3cret/pass', '--log-level', 'trace'];
  const { code, stderr } = await runCli(place, ['save', ...options, '--', 'sh', '-c', script]);
  expect(code, stderr).toBe(0);
  const har = await place.read('t.har');
  expect(har).toContain(`${upstream.url}/curl`);
  expect(har).toContain(`${upstream.url}/node`);
  const encoded = Buffer.from('ada:s3cret/pass').toString('base64');
  for (const text of [har, stderr])
    for (const secret of ['s3cret', encoded]) expect(text).not.toContain(secret);
});

test.each([
  ['a warning', [], true],
  ['no warning with --open-proxy', ['--open-proxy'], false],
  ['no warning with --proxy-auth', ['--proxy-auth', 'ada:s3cret'], false],
])('--bind beyond loopback prints %s', async (_, args, isWarned) => {
  const cli = await startSave(await newPlace(), ['--bind', '0.0.0.0', '--port', '0', ...args]);
  const { stderr } = await cli.end('SIGINT');
  expect(stderr.includes('anyone who can reach this address')).toBe(isWarned);
});
