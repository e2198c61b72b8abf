import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { responseOf } from '../../src/exchange.ts';
import {
  journalsOf,
  type ListeningCli,
  newPlace,
  type Place,
  pathsIn,
  runTyped,
  standStill,
  startCli,
  startSave,
  untilNoEcho,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { eventually } from '../helpers/eventually.ts';
import { ask, askHead } from '../helpers/http-client.ts';
import { readJournal } from '../helpers/journal.ts';
import { onTerminal } from '../helpers/terminal.ts';
import { httpUpstream, type Upstream } from '../helpers/upstream.ts';

type Endless = Upstream & { readonly uploaded: () => string };

/** Sends events without end at /events, and takes what is uploaded to /upload. */
async function endlessUpstream(): Promise<Endless> {
  let uploaded = '';
  const upstream = await httpUpstream((incoming, response) => {
    incoming.setEncoding('utf8').on('data', (text) => {
      uploaded += text;
    });
    if (incoming.url !== '/events') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
  });
  return Object.assign(Object.create(upstream) as Upstream, { uploaded: () => uploaded });
}

/** Has an event stream and an upload in flight, of which some has come. */
async function keepBusy(cli: ListeningCli, upstream: Endless): Promise<void> {
  const events = await askHead(cli, `${upstream.url}/events`);
  events.on('error', () => {});
  await once(events, 'data');
  const upload: ClientRequest = request({
    host: '127.0.0.1',
    port: cli.port,
    method: 'POST',
    path: `${upstream.url}/upload`,
    headers: { 'content-type': 'text/plain', 'content-length': 1000 },
  });
  upload.on('error', () => {});
  onTestFinished(() => void upload.destroy());
  upload.write('half an upload');
  // What has come to the upstream has been seen by the proxy.
  await eventually(() => expect(upstream.uploaded()).toBe('half an upload'));
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  test('ends a recording with exit code 0, writes it and removes the journal', async () => {
    const upstream = await httpUpstream((_, response) => response.end('whole'));
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.json']);
    await ask(cli, `${upstream.url}/whole`);
    const { code, stderr, stdout } = await cli.end(signal);
    expect([code, stdout], stderr).toEqual([0, '']);
    expect(stderr).toMatch(/Recorded 1 exchange\..*Wrote t\.json/s);
    expect(pathsIn(await place.read('t.json'))).toEqual(['/whole']);
    expect(await journalsOf(place)).toEqual([]);
  });

  test('records an exchange in flight as unfinished, with the data so far', async () => {
    const upstream = await endlessUpstream();
    const place = await newPlace();
    const cli = await startSave(place, ['-o', 't.json', '--grace', '200ms', '--no-variables']);
    await keepBusy(cli, upstream);
    const { code, stderr } = await cli.end(signal);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('waiting for 2 in flight');
    const text = await place.read('t.json');
    expect(pathsIn(text)).toEqual(['/events', '/upload']);
    expect(text).toContain('data: first');
    expect(text).toContain('half an upload');
  });
});

test('an exchange in flight that ends within --grace is recorded completely', async () => {
  let answer = () => {};
  const upstream = await httpUpstream((_, response) => {
    answer = () => void response.end('in time');
    response.write('just ');
  });
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '100s']);
  const response = await askHead(cli, upstream.url);
  cli.kill('SIGINT');
  await cli.says(/waiting for 1 in flight/);
  answer();
  expect(String(Buffer.concat(await response.toArray()))).toBe('just in time');
  expect((await cli.ended).code).toBe(0);
  expect(await place.read('t.json')).toContain('just in time');
});

test('a second Ctrl+C ends at once with 130, keeps the journal and prints how to convert it', async () => {
  const upstream = await endlessUpstream();
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '10m', '--log-format', 'pretty']);
  await keepBusy(cli, upstream);
  cli.kill('SIGINT');
  await cli.says(/waiting for 2 in flight/);
  await untilNoEcho();
  const { code, stderr } = await cli.end('SIGINT');
  expect(code, stderr).toBe(130);
  await expect(place.read('t.json')).rejects.toThrow('ENOENT');

  const [journal] = await journalsOf(place);
  const exchanges = await readJournal(journal!);
  expect(exchanges.map(({ outcome }) => outcome.kind)).toEqual(['unfinished', 'unfinished']);
  expect(String(await responseOf(exchanges[0]!.outcome)?.body?.bytes())).toBe('data: first\n\n');
  expect(String(await exchanges[1]!.request.body?.bytes())).toBe('half an upload');
  const [, command] = /try: (pmproxy convert .*)/.exec(stderr) ?? [];
  const converted = await runTyped(place, command!);
  expect(converted.code, converted.stderr).toBe(0);
  expect(pathsIn(await place.read('traffic.json'))).toEqual(['/events', '/upload']);
});

test.each(['postman', 'ndjson'])(
  'a second Ctrl+C does not wait for a reader of %s that does not read',
  async (format) => {
    const upstream = await httpUpstream((incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      if (incoming.url === '/endless') response.write('first');
      else response.end('more than a pipe takes '.repeat(100_000));
    });
    const place = await newPlace();
    const pipe = place.path('pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    const reader = await open(pipe, 'r+');
    onTestFinished(() => reader.close());
    const cli = await startSave(place, ['-f', format, '-o', '-', '--grace', '300ms'], {
      through: ['sh', '-c', `exec "$@" > '${pipe}'`, 'sh'],
    });
    await ask(cli, `${upstream.url}/large`);
    (await askHead(cli, `${upstream.url}/endless`)).on('error', () => {});
    cli.kill('SIGINT');
    await cli.says(/waiting for 1 in flight/);
    // It has begun to write, which it cannot end.
    await reader.read(Buffer.alloc(1));
    await untilNoEcho();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('What was recorded is kept; try: pmproxy convert');
    const [journal] = await journalsOf(place);
    expect(await readJournal(journal!)).toHaveLength(2);
  },
);

test('two SIGINTs at the same moment, as npx sends them, count as one', async () => {
  const upstream = await endlessUpstream();
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '300ms']);
  await keepBusy(cli, upstream);
  // Another signal by kind, since the system makes one of two equal ones that wait to be heard; and to a process that
  // stands still meanwhile, for nobody knows how long it takes to send two.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) cli.kill(signal);
  expect((await cli.ended).code).toBe(0);
});

test('repeated SIGHUPs, as a closed terminal sends them, never cut the shutdown short', async () => {
  const upstream = await endlessUpstream();
  const place = await newPlace();
  const cli = await startSave(place, ['-o', 't.json', '--grace', '500ms']);
  await keepBusy(cli, upstream);
  const again = setInterval(() => cli.kill('SIGHUP'), 1);
  onTestFinished(() => clearInterval(again));
  expect(await cli.ended).toMatchObject({ code: 0, signal: null });
  expect(pathsIn(await place.read('t.json'))).toEqual(['/events', '/upload']);
});

testWith('python3', '--version')(
  'a closed terminal ends a recording like Ctrl+C, although no message can be printed',
  async () => {
    const upstream = await httpUpstream((_, response) => response.end('whole'));
    const place = await newPlace();
    const ready = place.path('ready.json');
    const args = ['save', '-o', 't.json', '--port', '0', '--ready-file', ready];
    const cli = startCli(place, args, { through: await onTerminal() });
    const { port } = await eventually(async () => JSON.parse(await readFile(ready, 'utf8')));
    await ask({ port }, `${upstream.url}/whole`);
    cli.closeInput();
    const { code, stdout } = await cli.ended;
    // It ends by the signal: Node aborts where it should put a terminal back that is gone.
    expect(code, stdout).toBe(128 + constants.signals.SIGHUP);
    expect(pathsIn(await place.read('t.json'))).toEqual(['/whole']);
    expect(await journalsOf(place)).toEqual([]);
  },
);

/** Records 40 MB, ends, and is suspended while the file is written; returns the size of the file at that time. */
async function stoppedWhileWriting(place: Place): Promise<{ cli: ListeningCli; bytes: number }> {
  let answer = () => {};
  let isWaiting = false;
  const upstream = await httpUpstream((incoming, response) => {
    if (incoming.url === '/slow') {
      answer = () => void response.end();
      isWaiting = true;
    } else response.end('x'.repeat(1_000_000));
  });
  const cli = await startSave(place, ['-o', 't.json', '--grace', '100s']);
  for (let n = 0; n < 40; n += 1) await ask(cli, `${upstream.url}/${n}`);
  const slow = ask(cli, `${upstream.url}/slow`);
  await eventually(() => expect(isWaiting).toBe(true));
  cli.kill('SIGINT');
  await cli.says(/waiting for 1/);
  await untilNoEcho();
  answer();
  await slow;
  const found = () => readdir(place.folder);
  await eventually(async () => expect((await found()).join()).toMatch(/\.tmp|t\.json/));
  await standStill(cli);
  const draft = (await found()).find((name) => name.endsWith('.tmp'));
  return { cli, bytes: draft === undefined ? 40e6 : (await stat(place.path(draft))).size };
}

test('a second Ctrl+C works while the file is written', async () => {
  let place: Place;
  let writing: { cli: ListeningCli; bytes: number };
  // On a busy machine, the test may look only after everything is written.
  do {
    place = await newPlace();
    writing = await stoppedWhileWriting(place);
  } while (writing.bytes > 20e6);
  const { cli } = writing;
  cli.kill('SIGINT');
  const { code, stderr } = await cli.end('SIGCONT');
  expect(code, stderr).toBe(130);
  expect(await readdir(place.folder)).toEqual([]);
  expect(await journalsOf(place)).toHaveLength(1);
});
