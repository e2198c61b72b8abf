import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Har } from '../../src/har/types.ts';
import { newPlace, type Place, pathsIn, runCli, runTyped, startListening } from '../helpers/cli.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { ask } from '../helpers/http-client.ts';
import { httpUpstream } from '../helpers/upstream.ts';

async function placeWith(url: string, ...formats: string[]): Promise<Place> {
  const place = await newPlace();
  await writeFile(
    place.path('t.har'),
    await renderAs('har', [exchange({ url, response: { body: 'recorded' } })]),
  );
  for (const format of formats) await runCli(place, ['convert', 't.har', '-o', format]);
  return place;
}

test.each(['t.har', 't.ndjson', 't.json', 't.v2.0.json', 'v3/'])(
  'mock answers a command from %s, and its exit code is that of the command',
  async (file) => {
    const url = 'http://shop.test/books?page=1';
    const place = await placeWith(url);
    const format = file === 't.v2.0.json' ? ['-f', 'postman-v2.0'] : [];
    if (file !== 't.har') await runCli(place, ['convert', 't.har', '-o', file, ...format]);
    const command = ['curl', '-sS', url];
    const { code, stdout, stderr } = await runCli(place, ['mock', file, '--', ...command]);
    expect([code, stdout], stderr).toEqual([0, 'recorded']);
    expect(stderr).toContain('Answered 1 request, missed 0.');
  },
);

test('a miss ends a command that succeeded with 4, and one that failed with its own code', async () => {
  const place = await placeWith('http://shop.test/books?page=1');
  const missing = 'http://shop.test/books?page=2';
  const ok = await runCli(place, ['mock', 't.har', '--', 'curl', '-sS', missing]);
  expect(ok.code).toBe(4);
  expect(ok.stderr).toContain('Different: query page: recorded \\"1\\", asked \\"2\\".');
  expect(ok.stderr).toContain('missed 1, never asked for 1');
  const failed = await runCli(place, ['mock', 't.har', '--', 'curl', '-sSf', missing]);
  expect(failed.code).toBe(22);
});

test.each(['t.har', 't.ndjson', 't.json'])(
  'with --missing record, what its server answers is added to %s',
  async (file) => {
    const upstream = await httpUpstream((request, response) => response.end(`live ${request.url}`));
    const place = await placeWith(`${upstream.url}/old`);
    if (file !== 't.har') await runCli(place, ['convert', 't.har', '-o', file]);
    const cli = await startListening(place, ['mock', file, '--missing', 'record', '-p', '0']);
    const body = async (path: string) => (await ask(cli, upstream.url + path)).body.toString();
    expect(await body('/old')).toBe('recorded');
    expect(await body('/new')).toBe('live /new');
    const { stderr } = await cli.end('SIGINT');
    expect(stderr).toContain(`Added 1 call to ${file}.`);
    await upstream.close();
    const again = await startListening(place, ['mock', file, '-p', '0']);
    expect((await ask(again, `${upstream.url}/new`)).body.toString()).toBe('live /new');
    expect((await ask(again, `${upstream.url}/old`)).body.toString()).toBe('recorded');
    expect((await again.end('SIGINT')).code).toBe(0);
    if (file === 't.json') expect(pathsIn(await place.read(file))).toEqual(['/old', '/new']);
    if (file === 't.har') expect((await place.json<Har>(file)).log.entries).toHaveLength(2);
  },
);

test('a recording without answers, and one that is not there, are refused in one line', async () => {
  const place = await newPlace();
  await writeFile(place.path('none.har'), await renderAs('har', [exchange({ response: null })]));
  const none = await runCli(place, ['mock', 'none.har', '--', 'true']);
  expect([none.code, none.stderr.trimEnd().split('\n')]).toEqual([
    1,
    [expect.stringContaining('none.har holds no call that was answered. Record one:')],
  ]);
  const gone = await runCli(place, ['mock', 'gone.har', '--', 'true']);
  expect([gone.code, gone.stderr]).toEqual([
    2,
    'pmproxy: Cannot read gone.har: the file does not exist.\n',
  ]);
});

test('save --check prints what differs, writes no file, and exits with 4', async () => {
  const answer = { value: '"text"' };
  const upstream = await httpUpstream((_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(`{"a": ${answer.value}}`);
  });
  const place = await newPlace();
  const command = ['--', 'curl', '-sS', '-o', 'answer', `${upstream.url}/a`];
  await runCli(place, ['save', '-o', 't.har', ...command]);
  const before = await readFile(place.path('t.har'), 'utf8');
  const same = await runCli(place, ['save', '--check', 't.har', ...command]);
  expect([same.code, same.stdout], same.stderr).toEqual([0, '']);
  answer.value = '7';
  const other = await runCli(place, ['save', '--check', 't.har', ...command]);
  expect([other.code, other.stdout]).toEqual([4, 'GET /a response 200 $.a: string, now number\n']);
  const piped = `pmproxy save --check - ${command.join(' ')} < t.har`;
  expect((await runTyped(place, piped)).stdout).toBe(other.stdout);
  const own = await runCli(place, ['save', '--check', 't.har', '-o', 't.har', ...command]);
  expect([own.code, own.stderr]).toEqual([
    2,
    'pmproxy: -o t.har would replace the recording of --check. Choose another file with -o.\n',
  ]);
  const ignored = await runCli(place, ['save', '--check', 't.har', '--ignore', 'a', ...command]);
  expect(ignored.code).toBe(0);
  expect(await place.read('t.har')).toBe(before);
});
