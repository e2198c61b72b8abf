import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readClientFile } from '../../src/session/client/client-file.ts';
import { newPlace, type Place, type RunningCli, runCli, startCli } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { runInProcess } from '../helpers/in-process.ts';
import {
  askClient,
  entry,
  newPage,
  newProxy,
  newSession,
  openCapture,
} from '../helpers/running-client.ts';
import { listen, lowPort } from '../helpers/upstream.ts';

type Ready = { pid: number; port: number; url: string; capture: string; token: string };

/** Starts `pmproxy client` on a free port and waits until it listens. */
async function startClientCli(place: Place, ...args: string[]): Promise<RunningCli & Ready> {
  const readyFile = place.path('ready.json');
  await rm(readyFile, { force: true });
  const own = ['--ready-file', readyFile, '--log-format', 'pretty'];
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const cli = startCli(place, ['client', ...own, ...port, ...args]);
  let end: string | undefined;
  void cli.ended.then(({ stderr }) => {
    end = stderr;
  });
  const ready = await eventually(async () => {
    if (end !== undefined) return end;
    return JSON.parse(await readFile(readyFile, 'utf8')) as Ready;
  });
  if (typeof ready === 'string') throw new Error(`It ended: ${ready}`);
  return Object.assign(Object.create(cli), ready);
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('pmproxy client prints the address of its page, logs connections, and leaves no files behind', async () => {
  const place = await newPlace();
  const client = await startClientCli(place);
  const { port, token } = client;
  await client.says(/Client at/);
  expect(client.stderr).toContain(`Client at http://127.0.0.1:${port}/?token=${token} (history`);
  expect(client).toMatchObject({
    url: `http://127.0.0.1:${port}/?token=${token}`,
    capture: `ws://127.0.0.1:${port}/capture`,
  });
  expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
  expect((await askClient(client, `/?token=${token}`)).status).toBe(303);

  // A proxy of the same account finds the token without being told.
  expect(await readClientFile(place.home, port)).toEqual({ pid: client.pid, port, token });
  expect(await modeOf(join(place.home, 'clients', `${port}.json`))).toBe(0o600);
  expect(await modeOf(place.path('ready.json'))).toBe(0o600);
  const [history = ''] = await readdir(join(place.home, 'histories'));
  const files = join(place.home, 'histories', history);
  expect(await modeOf(files)).toBe(0o700);
  for (const name of await readdir(files)) expect(await modeOf(join(files, name))).toBe(0o600);

  const proxy = await newProxy(client, newSession({ name: 'shop\u001b[31m' }));
  await proxy.push(await entry());
  await client.says(/shop.*\[31m connected/);
  proxy.socket.terminate();
  await client.says(/shop.*\[31m disconnected/);
  const { code, stdout, stderr } = await client.end('SIGINT');
  expect([code, stdout], stderr).toEqual([0, '']);
  expect(stderr).not.toContain('\u001b[31m');
  expect(await readdir(join(place.home, 'histories'))).toEqual([]);
  expect(await readdir(join(place.home, 'clients'))).toEqual([]);
  await expect(stat(place.path('ready.json'))).rejects.toThrow('ENOENT');
});

test('SIGTERM ends the client like Ctrl+C, after pending calls are written to the target', async () => {
  const place = await newPlace();
  const client = await startClientCli(place, '--collections', 'calls');
  const page = await newPage(client);
  page.send({ type: 'target', collection: 'shop' });
  await page.state(({ target }) => target === 'shop');
  await (await newProxy(client)).push(await entry({ url: 'http://api.test/last' }));
  expect((await client.end('SIGTERM')).code).toBe(0);
  expect(await place.read('calls/shop.postman_collection.json')).toContain('"GET /last"');
});

test('kill -9 at any moment neither loses nor repeats acknowledged exchanges', async () => {
  const place = await newPlace();
  const session = newSession();
  const calls = await Promise.all(
    Array.from({ length: 400 }, (_, i) => entry({ url: `http://api.test/${i + 1}` })),
  );
  let acknowledged = 0;
  for (const killAfter of [1, 60, 110]) {
    const client = await startClientCli(place, '--history', 'kept');
    const proxy = await newProxy(client, session);
    expect(proxy.last).toBeGreaterThanOrEqual(acknowledged);
    for (let seq = proxy.last + 1; seq <= proxy.last + 120; seq += 1) {
      proxy.send({ type: 'exchange', seq, exchange: calls[seq - 1] });
    }
    await proxy.acknowledged(proxy.last + killAfter);
    client.kill('SIGKILL');
    await client.ended;
    const last = proxy.messages.findLast(({ type }) => type === 'ack');
    acknowledged = last?.type === 'ack' ? last.seq : 0;
  }
  // What it left is the lock of a dead process, and perhaps half a line.
  const client = await startClientCli(place, '--history', 'kept');
  const proxy = await newProxy(client, session);
  expect(proxy.last).toBeGreaterThanOrEqual(acknowledged);
  await proxy.push(...calls.slice(proxy.last));
  const rows = await (await newPage(client)).shows(calls.length);
  const places = calls.map((_, i) => i + 1);
  expect(rows.map(({ n }) => n)).toEqual(places);
  expect(rows.map(({ url }) => Number(new URL(url).pathname.slice(1)))).toEqual(places);
  const headers = { authorization: `Bearer ${client.token}` };
  const options = { method: 'POST', headers, body: '{"rows":"all"}' };
  const har = JSON.parse((await askClient(client, '/api/har', options)).text);
  expect(har.log.entries).toHaveLength(calls.length);
  expect((await client.end('SIGINT')).code).toBe(0);
  expect(await readdir(place.path('kept'))).toContain('index.ndjson');
});

test('the next client removes the temporary history of a killed client', async () => {
  const place = await newPlace();
  const killed = await startClientCli(place);
  await (await newProxy(killed)).push(await entry());
  killed.kill('SIGKILL');
  await killed.ended;
  const [left] = await readdir(join(place.home, 'histories'));
  await startClientCli(place);
  const there = await readdir(join(place.home, 'histories'));
  expect(there).toHaveLength(1);
  expect(there).not.toContain(left);
});

test('a port in use is named in the error, and the suggested command works', async () => {
  const { port } = await listen(createServer(), 'http', '127.0.0.1', await lowPort());
  const place = await newPlace();
  const { code, stderr } = await runCli(place, ['client', '--port', String(port)]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(
      new RegExp(
        `^pmproxy: Port ${port} is already in use\\. Try: pmproxy client --port ${port + 1}\n$`,
      ),
    ),
  ]);
  expect(await readdir(join(place.home, 'histories'))).toEqual([]);
  const [, suggested = ''] = /Try: pmproxy client (.*)/.exec(stderr) ?? [];
  const client = await startClientCli(place, ...suggested.split(' '));
  expect(suggested).toBe(`--port ${client.port}`);
});

test('a history that is in use or cannot be created is refused with a clear message', async () => {
  const place = await newPlace();
  const client = await startClientCli(place, '--history', 'kept');
  const second = await runCli(place, ['client', '--port', '0', '--history', 'kept']);
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(`^pmproxy: Process ${client.pid} is already using the history in .*kept`),
  ]);
  await writeFile(place.path('file'), '');
  const third = await runCli(place, ['client', '--port', '0', '--history', 'file']);
  expect([third.code, third.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^pmproxy: Cannot keep a history in .*file: .* Choose another folder: .*--history <folder>\n$/,
    ),
  ]);
});

test.each<[string, string[], RegExp]>([
  ['a short token', ['--token', 'secret'], /--token "secret": a token is 22 or more/],
  ['a token for no URL', ['--token', 'x'.repeat(30).concat('&')], /--token "x+&": a token is/],
  ['a port that is none', ['--port', 'x'], /--port "x": a port is/],
  ['kept and hidden secrets', ['--secrets', 'env'], /--secrets "env": write redact or keep/],
  ['quiet and talkative', ['-q', '--log-level', 'debug'], /--quiet contradicts --log-level debug/],
  ['a command', ['--', 'ls'], /pmproxy client runs no command: ls/],
])('%s is wrong usage', async (_, args, said) => {
  const { code, stderr } = await runInProcess(await newPlace(), ['client', ...args]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
});

test('a token of one’s own is taken, and beyond loopback there is a warning', async () => {
  const place = await newPlace();
  const token = 'x'.repeat(30);
  const client = await startClientCli(place, '--bind', '0.0.0.0', '--token', token);
  await client.says(/Client at/);
  expect(client.stderr).toMatch(
    /warning: listening on 0\.0\.0\.0: anyone who can reach this address/,
  );
  expect(client.url).toBe(`http://127.0.0.1:${client.port}/?token=${token}`);
  await openCapture({ port: client.port, token });
});

test('a page that was not built is reported', async () => {
  const place = await newPlace();
  await mkdir(place.path('calls'));
  const client = await startClientCli(place, '--quiet');
  const { headers } = await askClient(client, `/?token=${client.token}`);
  const cookie = String(headers['set-cookie']).replace(/;.*/, '');
  const { status, text } = await askClient(client, '/', { headers: { cookie } });
  expect([200, 503]).toContain(status);
  expect(text).toMatch(status === 200 ? /<script/ : /npm run build/);
  expect(client.stderr).toBe('');
});
