import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newPlace, type Place, runCli, spawnIn, startListening } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { newClient, newPage } from '../helpers/running-client.ts';
import { deadPort, httpUpstream } from '../helpers/upstream.ts';

async function placeWith(...urls: string[]): Promise<Place> {
  const place = await newPlace();
  const calls = urls.map((url) => exchange({ url, response: { body: 'recorded' } }));
  await writeFile(place.path('t.har'), await renderAs('har', calls));
  return place;
}

/** A client in this process, and the arguments that push to it. */
async function shownClient() {
  const client = await newClient();
  const args = ['--client', client.captureUrl, '--token', client.token];
  return { page: await newPage(client), args };
}

const thirdParty = fileURLToPath(new URL('../../fixtures/third-party-client.js', import.meta.url));

const journals = ({ home }: Place) => readdir(join(home, 'journals'));

test.each<[what: string, file: string, text: string | undefined]>([
  ['that does not exist', 'nothing.har', undefined],
  ['without answers', 'empty.har', '{"log":{"version":"1.2","entries":[]}}'],
  ['that is not one', 'notes.txt', 'Buy milk.'],
])('client refuses a recording %s, as mock does', async (_what, file, text) => {
  const place = await newPlace();
  if (text !== undefined) await writeFile(place.path(file), text);
  const { signal: _, ...mock } = await runCli(place, ['mock', file, '--', 'true']);
  const client = await runInProcess(place, ['client', '--port', '0', '--mock', file]);
  expect(client).toEqual(mock);
  expect([1, 2]).toContain(client.code);
});

test('client refuses a yardstick that cannot be read, and standard input for two', async () => {
  const place = await newPlace();
  const missing = await runInProcess(place, ['client', '--port', '0', '--check', 'nothing.har']);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('nothing.har');
  const twice = ['client', '--port', '0', '--mock', '-', '--check', '-'];
  expect(await runInProcess(place, twice)).toMatchObject({ code: 2 });
});

test.each([
  [['save', '--token', 'x', '--', 'true'], '--token is for --client'],
  [['mock', 't.har', '--token', 'x', '--', 'true'], '--token is for --client'],
  [['mock', 't.har', '--client', 'nowhere', '--', 'true'], '--client "nowhere": write an address'],
  [['save', '--client', '--check', '-', '--', 'true'], 'can be read once only'],
])('%j is wrong usage', async (args, words) => {
  const place = await placeWith('http://shop.test/a');
  const { code, stderr } = await runInProcess(place, args);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});

test('mock shows what it answers, refuses and forwards in a running client, and leaves no journal behind', async () => {
  const upstream = await httpUpstream((_, response) => response.end('live'));
  const place = await placeWith(`${upstream.url}/a`);
  const { page, args } = await shownClient();
  const urls = [`${upstream.url}/a`, `${upstream.url}/b`];
  const command = ['--', 'curl', '-sS', ...urls];
  expect((await runCli(place, ['mock', 't.har', ...args, ...command])).code).toBe(4);
  const forward = ['--missing', 'forward', ...args, ...command];
  expect((await runCli(place, ['mock', 't.har', ...forward])).code).toBe(4);
  expect(await page.shows(4)).toMatchObject([
    { url: urls[0], status: 200, marks: ['answered'] },
    { url: urls[1], status: 502, marks: ['missed'] },
    { url: urls[0], status: 200, marks: ['answered'] },
    { url: urls[1], status: 200, marks: ['missed'] },
  ]);
  expect(await journals(place)).toEqual([]);
});

test('mock shows calls and adds those that it missed to its recording, at the same time', async () => {
  const upstream = await httpUpstream((_, response) => response.end('live'));
  const place = await placeWith(`${upstream.url}/a`);
  const { page, args } = await shownClient();
  const record = ['mock', 't.har', '--missing', 'record', ...args, '-p', '0'];
  const mock = await startListening(place, record);
  await ask(mock, `${upstream.url}/b`);
  expect((await mock.end('SIGINT')).stderr).toContain('Added 1 call to t.har.');
  expect(await page.shows(1)).toMatchObject([{ marks: ['missed'] }]);
  expect(await place.read('t.har')).toContain('/b"');
  expect(await journals(place)).toEqual([]);
});

test('a call to mock itself, as to a server, is answered', async () => {
  const place = await placeWith('http://shop.test/a', 'http://other.test/b');
  const { page, args } = await shownClient();
  const mock = await startListening(place, ['mock', 't.har', ...args]);
  for (const path of ['/a', '/b', '/c']) await fetch(`http://127.0.0.1:${mock.port}${path}`);
  await mock.end('SIGINT');
  const rows = await page.shows(3);
  expect(rows.map(({ marks }) => marks)).toEqual([['answered'], ['answered'], ['missed']]);
});

test('save --check shows the calls that differ, and its exit code stays 4', async () => {
  const upstream = await httpUpstream((_, response) => {
    response.statusCode = 201;
    response.end();
  });
  const place = await placeWith(`${upstream.url}/a`);
  const { page, args } = await shownClient();
  const save = ['save', '--check', 't.har', ...args, '--', 'curl', '-sS', `${upstream.url}/a`];
  const { code, stdout } = await runCli(place, save);
  expect([code, stdout]).toEqual([4, 'GET /a status: 200, now 201\n']);
  expect(await page.shows(1)).toMatchObject([{ status: 201, marks: ['differs'] }]);
  expect(await journals(place)).toEqual([]);
});

test('save shows calls without a mark where nothing is compared', async () => {
  const upstream = await httpUpstream((_, response) => response.end());
  const place = await newPlace();
  const { page, args } = await shownClient();
  const save = ['save', '-o', 'new.har', ...args, '--', 'curl', '-sS', `${upstream.url}/a`];
  expect((await runCli(place, save)).code).toBe(0);
  const [row] = await page.shows(1);
  expect(row).not.toHaveProperty('marks');
  expect(await place.read('new.har')).not.toContain('_marks');
});

test('a client that knows nothing of marks gets the calls all the same', async () => {
  const place = await placeWith('http://shop.test/a');
  const port = await deadPort();
  const client = spawnIn(place, [process.execPath, thirdParty, String(port)], {});
  await eventually(() => expect(client.stdout).toContain('listening'));
  const args = ['--client', `ws://127.0.0.1:${port}/capture`];
  const urls = ['http://shop.test/a', 'http://shop.test/b'];
  await runCli(place, ['mock', 't.har', ...args, '--', 'curl', '-sS', ...urls]);
  await eventually(() => expect(client.stdout).toContain('2 calls, all here'));
});

test('a client that is not there costs a warning, and no more', async () => {
  const place = await placeWith('http://shop.test/a');
  const absent = ['--client', 'ws://127.0.0.1:9/capture'];
  const command = ['--', 'curl', '-sS', 'http://shop.test/a'];
  const { code, stdout, stderr } = await runCli(place, ['mock', 't.har', ...absent, ...command]);
  expect([code, stdout], stderr).toEqual([0, 'recorded']);
  expect(stderr).toContain('No client listens at ws://127.0.0.1:9/capture');
  expect(stderr).toContain('1 call not shown in the client.');
  expect(await journals(place)).toEqual([]);
});
