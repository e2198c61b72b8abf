import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeClientFiles } from '../../src/launch/client-files.ts';
import { PRELOAD_FOLDER } from '../../src/launch/ecosystem.ts';
import { childEnvironment } from '../../src/launch/environment.ts';
import { nodeOption } from '../../src/launch/node.ts';
import { type RecordingProxy, startRecordingProxy } from '../helpers/recording-proxy.ts';

// Names that resolve nowhere: what is answered was answered by the proxy.
const HTTP = 'http://plain.test/a?b=c';
const HTTPS = 'https://secure.test/d?e=f';

let proxy: RecordingProxy;
let env: Record<string, string>;

beforeAll(async () => {
  proxy = await startRecordingProxy();
  const { VITEST: _, ...ambient } = process.env;
  const files = await writeClientFiles(proxy.folder, proxy.caFile, ambient);
  env = childEnvironment(ambient, { proxyUrl: proxy.url, ...files });
});
afterAll(() => proxy.close());
beforeEach(() => {
  proxy.requests.splice(0);
  proxy.tunnels.splice(0);
});

/** Runs code in a folder from which nothing of this package can be found. */
const node = (code: string, more: Record<string, string> = {}) =>
  execa(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...env, ...more },
    extendEnv: false,
    cwd: proxy.folder,
    timeout: 100_000,
  });

test('connections are kept and used again', async () => {
  await node(`
      import https from 'node:https';
      import { once } from 'node:events';
      for (let i = 0; i < 3; i++) {
        const [response] = await once(https.get('${HTTPS}'), 'response');
        await response.resume().toArray();
      }`);
  expect(proxy.requests).toHaveLength(3);
  expect(proxy.tunnels).toEqual(['secure.test:443']);
});

test('requests are sent as they were made', async () => {
  await node(`
      import http from 'node:http';
      import { once } from 'node:events';
      const request = http.request({ host: 'plain.test', port: 81, path: '//a/../b', headers: { Host: 'other.test' } });
      const [response] = await once(request.end(), 'response');
      await response.resume().toArray();`);
  expect(proxy.tunnels).toEqual(['plain.test:81']);
  expect(proxy.requests).toEqual(['GET http://plain.test:81//a/../b']);
});

test('a program that chose its own agent or dispatcher keeps it', async () => {
  const undici = import.meta.resolve('undici');
  await node(`
      const { MockAgent, setGlobalDispatcher, fetch } = (await import('${undici}')).default;
      const agent = new MockAgent();
      agent.get('${new URL(HTTP).origin}').intercept({ path: '/a?b=c' }).reply(200, 'mocked');
      setGlobalDispatcher(agent);
      if (await (await fetch('${HTTP}')).text() !== 'mocked') throw new Error('not mocked');`);
  expect(proxy.requests).toEqual([]);
});

test('a socket path is no business of the proxy', async () => {
  await node(`
      import http from 'node:http';
      import { once } from 'node:events';
      const server = http.createServer((request, response) => response.end('direct')).listen('${join(proxy.folder, 's')}');
      await once(server, 'listening');
      const [response] = await once(http.get({ socketPath: '${join(proxy.folder, 's')}', path: '/' }), 'response');
      await response.resume().toArray();
      server.closeAllConnections();
      server.close();`);
  expect(proxy.requests).toEqual([]);
});

test('a program that sends nothing says nothing', async () => {
  const { stdout, stderr } = await node('console.log(1)');
  expect([stdout, stderr]).toEqual(['1', '']);
});

test('a proxy that is gone is an error of the request, not of the program', async () => {
  const dead = { ...env, HTTP_PROXY: 'http://127.0.0.1:1' };
  const code = `require('node:http').get('${HTTP}').on('error', (error) => console.log(error.code))`;
  const { stdout } = await execa(process.execPath, ['-e', code], { env: dead, extendEnv: false });
  expect(stdout).toBe('ECONNREFUSED');
});

test('a variable that is no URL stops nothing', async () => {
  const odd = { ...env, HTTP_PROXY: 'not a url' };
  const { stdout } = await execa(process.execPath, ['-p', '1 + 1'], {
    env: odd,
    extendEnv: false,
  });
  expect(stdout).toBe('2');
});

test.each(['deno', 'bun', 'electron'])(
  'a runtime that calls itself Node and has %s in its versions keeps its connections',
  async (runtime) => {
    const disguise = join(proxy.folder, `${runtime}.cjs`);
    await writeFile(
      disguise,
      `const value = { ...process.versions, ${runtime}: '1' };
Object.defineProperty(process, 'versions', { value });`,
    );
    const file = nodeOption(disguise);
    const own = { ...env, NODE_OPTIONS: `--require ${file} ${env['NODE_OPTIONS']}` };
    const code =
      "console.log(require('node:net').Socket.prototype.connect.toString().includes('tunnelTarget'))";
    const { stdout } = await execa(process.execPath, ['-e', code], {
      env: own,
      extendEnv: false,
    });
    expect(stdout).toBe('false');
  },
);

test('what cannot be asked of the proxy is an error of the request, not of the program', async () => {
  const { stdout } = await node(`
    import http from 'node:http';
    http.get({ host: 'a b' }).on('error', () => console.log('failed'));`);
  expect(stdout).toBe('failed');
  expect(proxy.tunnels).toEqual([]);
});

test('nothing that is loaded has syntax that Node 12 and 14 cannot read', async () => {
  // A syntax error would end every program of theirs.
  for (const name of ['node', 'node-direct', 'node-tunnel', 'node-chromium']) {
    const text = await readFile(join(PRELOAD_FOLDER, `${name}.cjs`), 'utf8');
    expect(text, name).not.toMatch(/\?\?|\?\.\D|\?\?=|\bstatic \{|#\w+ ?[(=;]|\.findLast\(/);
  }
});

test('a program ends although its connections are kept', async () => {
  await node(`
    import https from 'node:https';
    import { once } from 'node:events';
    const agent = new https.Agent({ keepAlive: true, keepAliveMsecs: 60_000 });
    const [response] = await once(https.get('${HTTPS}', { agent }), 'response');
    await response.resume().toArray();`);
  expect(proxy.tunnels).toEqual(['secure.test:443']);
});

test('a socket says once that it is connected, and keeps what is written before', async () => {
  const { stdout } = await node(`
    import net from 'node:net';
    const seen = [];
    const socket = net.connect(80, 'plain.test', () => seen.push('callback'));
    for (const event of ['lookup', 'connectionAttempt', 'connect', 'ready', 'end', 'close']) {
      socket.on(event, () => seen.push(event));
    }
    seen.push(String(socket.connecting));
    socket.write('GET /early HTTP/1.1\\r\\nHost: plain.test\\r\\nConnection: close\\r\\n\\r\\n');
    let text = '';
    for await (const chunk of socket) text += chunk;
    console.log(seen.join(), /^HTTP.1.1 200 OK/.test(text));`);
  expect(stdout).toBe('true,callback,connect,ready,end true');
  expect(proxy.requests).toEqual(['GET http://plain.test/early']);
});

test('TLS over a socket that is still connecting goes through its tunnel', async () => {
  const { stdout } = await node(`
    import net from 'node:net';
    import tls from 'node:tls';
    const socket = net.connect({ host: 'secure.test', port: 443 });
    const secure = tls.connect({ socket, servername: 'secure.test' }, () => {
      console.log(secure.authorized);
      secure.end();
    });`);
  expect(stdout).toBe('true');
  expect(proxy.tunnels).toEqual(['secure.test:443']);
});

test('a program that names whom it trusts is recorded', async () => {
  await node(`
    import https from 'node:https';
    import { once } from 'node:events';
    import { rootCertificates } from 'node:tls';
    const [response] = await once(https.get('${HTTPS}', { ca: rootCertificates[0] }), 'response');
    await response.resume().toArray();`);
  expect(proxy.requests).toEqual([`GET ${HTTPS}`]);
});

test('a name that the program resolves itself is asked for by its address', async () => {
  await node(`
    import http from 'node:http';
    import { once } from 'node:events';
    const lookup = (name, { all }, done) => all ? done(null, [{ address: '192.0.2.1', family: 4 }]) : done(null, '192.0.2.1', 4);
    const [response] = await once(http.get('${HTTP}', { lookup }), 'response');
    await response.resume().toArray();`);
  expect(proxy.tunnels).toEqual(['192.0.2.1:80']);
});

test('databases, mail and the ports of PMPROXY_DIRECT_PORTS are connected to directly', async () => {
  const code = `
    import net from 'node:net';
    for (const port of [5432, 25, 7001]) {
      net.connect(port, 'plain.test').on('error', ({ code }) => console.log(code));
    }`;
  const { stdout } = await node(code, { PMPROXY_DIRECT_PORTS: '7000, 7001' });
  // Without the proxy nobody knows the name.
  expect(stdout).toBe(Array(3).fill(stdout.split('\n')[0]).join('\n'));
  expect(stdout).toMatch(/^(ENOTFOUND|EAI_AGAIN)/);
  expect(proxy.tunnels).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a port of this machine where nobody listens refuses, so that a program can wait for its server',
  async () => {
    const { stdout } = await node(`
      import net from 'node:net';
      import { once } from 'node:events';
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address();
      await new Promise((resolve) => server.close(resolve));
      net.connect(port, '127.0.0.1').on('error', ({ code }) => console.log(code));`);
    expect(stdout).toBe('ECONNREFUSED');
    expect(proxy.tunnels).toEqual([]);
  },
);

test('a host of NO_PROXY is connected to directly', async () => {
  const code = `fetch('${HTTP}').catch(({ cause }) => console.log(cause.code))`;
  const { stdout } = await node(code, { NO_PROXY: 'other, .plain.test' });
  expect(stdout).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
});

test('a Chromium that a program starts gets the proxy, one that has its own keeps it', async () => {
  const browser = join(proxy.folder, 'chromium');
  await writeFile(browser, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const { stdout } = await node(`
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    for (const own of ['--headless', '--proxy-server=http://own']) {
      await once(spawn('${browser}', [own], { stdio: ['ignore', 'inherit', 'pipe'] }), 'close');
    }`);
  const [given, kept] = stdout.split('\n');
  expect(given).toBe(
    `--proxy-server=${proxy.url} --proxy-bypass-list=<-loopback> --disable-quic --ignore-certificate-errors-spki-list=${env['PMPROXY_SPKI']} --headless`,
  );
  expect(kept).toBe('--proxy-server=http://own');
});

test('what a program tells the browser that it has started is not traffic', async () => {
  const browser = join(proxy.folder, 'chrome');
  await writeFile(
    browser,
    `#!${process.execPath}
const server = require('net').createServer((socket) => socket.end('direct')).listen(0, '127.0.0.1', () => {
  process.stderr.write('DevTools listening on ws://127.0.0.1:' + server.address().port + '/devtools/browser/1\\n');
});
server.on('connection', () => server.close());`,
    { mode: 0o755 },
  );
  const { stdout } = await node(`
    import { spawn } from 'node:child_process';
    import net from 'node:net';
    const child = spawn('${browser}', [], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.once('data', (line) => {
      net.connect(Number(/:(\\d+)/.exec(line)[1])).on('data', (text) => console.log(String(text)));
    });`);
  expect(stdout).toBe('direct');
  expect(proxy.tunnels).toEqual([]);
});
