import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { captureClient } from '../helpers/capture-client.ts';
import {
  journalsOf,
  newPlace,
  type Place,
  runCli,
  spawnIn,
  startCli,
  startListening,
  startSave,
} from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { newPage } from '../helpers/running-client.ts';
import { deadPort, httpUpstream, tcpUpstream } from '../helpers/upstream.ts';

const fixture = fileURLToPath(new URL('../../fixtures/third-party-client.js', import.meta.url));
const patience = 240_000;
/** So that what is delivered is, however busy the machine. */
const unhurried = ['--grace', '2m'];

/** A command that asks for an address, with a token, and ends with a code. */
const asking = (url: string, code = 0) => [
  process.execPath,
  '--input-type=module',
  '-e',
  `await (await fetch(${JSON.stringify(url)}, { headers: { authorization: 'Bearer s3cr3t-t0ken' } })).text(); process.exit(${code})`,
];

const answering = () =>
  httpUpstream((request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end(`you asked for ${request.url?.replace(/\?.*/, '')}`);
  });

const journals = async (place: Place) => (await journalsOf(place)).length;
/** Exchanges in all journals. */
async function linesOnDisk(place: Place): Promise<number> {
  const folders = await journalsOf(place);
  const indexes = folders.map((folder) => readFile(join(folder, 'exchanges.ndjson'), 'utf8'));
  return (await Promise.all(indexes)).join('').split('\n').length - 1;
}

const addressOf = (port: number) => `ws://127.0.0.1:${port}/capture`;

/** The page of the client that a sync has started. */
async function pageOf(cli: { stderr: string; says(pattern: RegExp): Promise<void> }): Promise<URL> {
  await cli.says(/History: http\S+\?token=/);
  return new URL(/History: (http[^\s"]+)/.exec(cli.stderr)?.[1] ?? '');
}

test(
  'requests of a command reach a running client without their secrets, and the command prints its exit',
  async () => {
    const [place, client, upstream] = await Promise.all([newPlace(), captureClient(), answering()]);
    const { code, stderr } = await runCli(place, [
      ...['sync', '--client', client.address, '--name', 'shop', '--redact', 'api_key'],
      ...[...unhurried, '--'],
      ...asking(`${upstream.url}/books?api_key=abcdef123456`, 3),
    ]);
    expect(code, stderr).toBe(3);
    const [entry] = await client.stored(1);
    expect(entry?.response.content.text).toBe('you asked for /books');
    expect(entry?.request.url).toBe(`${upstream.url}/books?api_key={{api_key}}`);
    expect(JSON.stringify([...client.store])).not.toMatch(/s3cr3t|abcdef123456/);
    expect(client.messages[0]).toMatchObject({
      session: { name: 'shop', proxy: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    });
    expect(client.messages.at(-1)).toEqual({ type: 'bye', last: 1 });
    expect(stderr).toContain('Recorded 1 exchange.');
    expect(stderr).toContain(`Delivered 1 exchange to ${client.address}`);
    expect(await journals(place)).toBe(0);
  },
  patience,
);

test(
  'exchanges without a client are kept, are not reported by save as lost, and are delivered by the next sync',
  async () => {
    const [place, upstream, port] = await Promise.all([newPlace(), answering(), deadPort()]);
    const sync = ['sync', '--no-client', '--client', addressOf(port)];
    const first = await runCli(place, [...sync, '--', ...asking(`${upstream.url}/1`)]);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toContain(
      '1 exchange was not delivered; the next pmproxy sync delivers it.',
    );
    expect(await journals(place)).toBe(1);

    const killed = await startListening(place, sync);
    await ask(killed, `${upstream.url}/2`);
    await eventually(async () => expect(await linesOnDisk(place)).toBe(2));
    await killed.end('SIGKILL');

    const save = await startSave(place, ['-o', 'saved.json']);
    expect((await save.end('SIGINT')).stderr).not.toMatch(/cut off/);
    expect(await journals(place)).toBe(2);

    const client = await captureClient({ port });
    const last = await startListening(place, [...sync, ...unhurried]);
    await ask(last, `${upstream.url}/3`);
    await client.stored(3);
    await eventually(async () => expect(await journals(place)).toBe(1));
    const ended = await last.end('SIGINT');
    expect(ended.code, ended.stderr).toBe(0);
    expect([...client.store.values()].map(({ bye }) => bye)).toEqual([1, 1, 1]);
    const urls = [...client.store.values()].map(({ entries }) => entries[0]?.request.url);
    expect(urls.sort()).toEqual([1, 2, 3].map((n) => `${upstream.url}/${n}`));
    expect(await journals(place)).toBe(0);
  },
  patience,
);

test(
  'sync without a client starts one, shows its page, and keeps it out of the proxy',
  async () => {
    const [place, upstream, port] = await Promise.all([newPlace(), answering(), deadPort()]);
    // What a desktop has in its place.
    const opener = join(place.folder, 'bin');
    await mkdir(opener);
    await writeFile(join(opener, 'xdg-open'), '#!/bin/sh\nprintf %s "$1" > opened.txt\n');
    await writeFile(join(opener, 'open'), '#!/bin/sh\nprintf %s "$1" > opened.txt\n');
    for (const name of ['xdg-open', 'open']) await chmod(join(opener, name), 0o755);
    const env = { PATH: `${opener}:${process.env['PATH']}` };
    const sync = ['sync', '--client', addressOf(port), '--open', ...unhurried];
    const cli = await startListening(place, sync, { env });
    const page = await pageOf(cli);
    expect(page.port).toBe(String(port));
    await eventually(async () => expect(await place.read('opened.txt')).toBe(page.href));
    await ask(cli, `${upstream.url}/first`);
    const authorization = `Bearer ${page.searchParams.get('token')}`;
    const entry = await eventually(async () => {
      const found = await fetch(new URL('/api/exchanges/1', page), { headers: { authorization } });
      expect(found.status).toBe(200);
      return found.json();
    });
    expect(entry).toMatchObject({ request: { url: `${upstream.url}/first` } });
    const direct = await ask(cli, `http://localhost:${port}/`, {
      headers: ['Host', `localhost:${port}`, 'Authorization', authorization],
    });
    expect(direct.status).toBe(403);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Recorded 1 exchange.');
    expect(stderr).toMatch(/The history ended with its page/);
    expect(await journals(place)).toBe(0);
  },
  patience,
);

test(
  'sync finds the token of a client of the same account, also after a restart with another token',
  async () => {
    const [place, upstream, port] = await Promise.all([newPlace(), answering(), deadPort()]);
    const startClient = async () => {
      const client = startCli(place, ['client', '--port', String(port), '--history', 'kept']);
      await client.says(/Client at/);
      return client;
    };
    const before = await startClient();
    const sync = ['sync', '--client', addressOf(port), ...unhurried];
    const cli = await startListening(place, sync);
    await ask(cli, `${upstream.url}/1`);
    await cli.says(/Pushing to the client/);
    expect((await before.end('SIGINT')).code).toBe(0);
    await ask(cli, `${upstream.url}/2`);
    const after = await startClient();
    await ask(cli, `${upstream.url}/3`);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`Delivered 3 exchanges to ${addressOf(port)}`);
    expect(await journals(place)).toBe(0);
    await after.end('SIGINT');
  },
  patience,
);

test(
  'an open page keeps the history of an ended command until the page is closed',
  async () => {
    const [place, upstream, port] = await Promise.all([newPlace(), answering(), deadPort()]);
    const go = place.path('go');
    const script = `until test -e ${go}; do sleep 0.1; done; curl -sS ${upstream.url}/books`;
    const sync = ['sync', '--client', addressOf(port), ...unhurried];
    const cli = startCli(place, [...sync, '--', 'sh', '-c', script]);
    const token = (await pageOf(cli)).searchParams.get('token') ?? '';
    const page = await newPage({ port, token });
    await writeFile(go, '');
    await cli.says(/The command has ended; its page stays until it is closed/);
    const rows = await page.shows(1);
    expect(rows.map(({ url }) => url)).toEqual([`${upstream.url}/books`]);
    page.socket.close();
    const { code, stderr } = await cli.ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Delivered 1 exchange');
    expect(await journals(place)).toBe(0);
  },
  patience,
);

test(
  'a second Ctrl+C does not wait for a slow client',
  async () => {
    const [place, upstream] = await Promise.all([newPlace(), answering()]);
    const client = await captureClient({ acknowledges: false });
    const cli = await startListening(place, ['sync', '--client', client.address, '--grace', '10m']);
    await ask(cli, `${upstream.url}/1`);
    await client.stored(1);
    cli.kill('SIGINT');
    await cli.says(/Waiting for the client, up to 10m\. Ctrl\+C again does not wait/);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('1 exchange was not delivered');
    expect(await journals(place)).toBe(1);
  },
  patience,
);

test(
  'the third-party client in the documentation receives pushed exchanges',
  async () => {
    const [place, upstream] = await Promise.all([newPlace(), answering()]);
    const client = spawnIn(place, [process.execPath, fixture, '0'], {});
    await eventually(() => expect(client.stdout).toMatch(/listening on \d+/));
    const port = /listening on (\d+)/.exec(client.stdout)?.[1];
    const { code, stderr } = await runCli(place, [
      ...['sync', '--no-client', '--client', `ws://127.0.0.1:${port}`, ...unhurried, '--'],
      ...asking(`${upstream.url}/books`),
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Delivered 1 exchange');
    const printed = `GET 200 ${upstream.url}/books\n1 calls, all here\n`;
    await eventually(() => expect(client.stdout).toContain(printed));
  },
  patience,
);

test.each([
  [['--client', 'nowhere'], /--client "nowhere": write an address such as ws:/],
  [['--secrets', 'env'], /--secrets env needs an output file/],
  [['--open', '--no-client'], /--open .* contradicts --no-client/],
  [
    ['--tcp_connection', 'true', '--client', 'ws://127.0.0.1:5005/capture'],
    /both mean 127.0.0.1:5005/,
  ],
])('sync %j is wrong usage', async (args, message) => {
  const { code, stderr } = await runInProcess(await newPlace(), ['sync', ...args, '--', 'true']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test.each(['save', 'sync'])(
  '%s also sends each call to the PostmanProxy app, and succeeds without one',
  async (command) => {
    const [place, upstream] = await Promise.all([newPlace(), answering()]);
    const calls: string[] = [];
    const app = await tcpUpstream((socket) => {
      socket.setEncoding('utf8').on('data', (text) => {
        calls.push(String(text));
        socket.end('received-request');
      });
    });
    const client = await captureClient();
    const own = command === 'sync' ? ['--client', client.address] : ['-o', 'saved.json'];
    const tcp = (port: number) => [
      ...unhurried,
      '--tcp_connection',
      'true',
      '--tcp_port',
      `${port}`,
    ];
    const there = await runCli(place, [
      ...[command, ...own, ...tcp(app.port), '--'],
      ...asking(`${upstream.url}/books`),
    ]);
    expect(there.code, there.stderr).toBe(0);
    expect(calls.map((text) => JSON.parse(text))).toMatchObject([
      {
        ...{ url: `${upstream.url}/books`, name: '/books', method: 'GET', version: 2 },
        headers: expect.stringContaining('authorization: Bearer {{bearer_token}}\n'),
      },
    ]);
    expect(there.stderr).toContain(`Sent 1 call to 127.0.0.1:${app.port}`);
    const gone = await runCli(place, [
      ...[command, ...own, ...tcp(await deadPort()), '--'],
      ...asking(`${upstream.url}/books`),
    ]);
    expect(gone.code, gone.stderr).toBe(0);
    expect(gone.stderr.match(/does not accept calls: ECONNREFUSED/g)).toHaveLength(1);
    expect(await journals(place)).toBe(0);
  },
  patience,
);
