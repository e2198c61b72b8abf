import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  newPlace,
  type Place,
  pathsIn,
  runCli,
  spawnIn,
  startCli,
  startSave,
  typed,
} from '../helpers/cli.ts';
import { testWith } from '../helpers/clients.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { newRecorder, requestHead } from '../helpers/journal.ts';
import { httpUpstream } from '../helpers/upstream.ts';

const at = (path: string, startedAt: number) => ({
  ...exchange({ url: `http://api.test${path}` }),
  startedAt,
});

/** A place with a HAR file, lines of ndjson and a journal, their exchanges one after another in time. */
async function placeWithInputs(): Promise<Place & { readonly journal: string }> {
  const place = await newPlace();
  await writeFile(place.path('a.har'), await renderAs('har', [at('/1', 1000), at('/4', 4000)]));
  await writeFile(
    place.path('b.ndjson'),
    await renderAs('ndjson', [at('/2', 2000), at('/5', 5000)]),
  );
  const { recorder, journal, finish } = await newRecorder();
  recorder
    .begin(requestHead({ url: 'http://api.test/3', startedAt: 3000 }))
    ?.end({ kind: 'completed' });
  await finish();
  return { ...place, journal: journal.folder };
}

const pathsOf = (ndjson: string) =>
  ndjson
    .trimEnd()
    .split('\n')
    .map((line) => new URL(JSON.parse(line).request.url).pathname);

test('several inputs are merged in order of time, to several outputs', async () => {
  const place = await placeWithInputs();
  const outputs = ['-o', 'all.har', '-o', 'all.json', '-o', 'all.ndjson'];
  const { code, stderr } = await runCli(place, [
    'convert',
    'b.ndjson',
    place.journal,
    'a.har',
    ...outputs,
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^Recorded 5 exchanges/);
  expect(pathsIn(await place.read('all.json'))).toEqual(['/1', '/2', '/3', '/4', '/5']);
  const lines = (await place.read('all.ndjson')).trimEnd();
  expect(pathsOf(lines)).toEqual(['/1', '/2', '/3', '/4', '/5']);
  const ids = lines.split('\n').map((line) => JSON.parse(line)._id);
  expect(new Set(ids).size).toBe(5);
  const again = await runCli(place, ['convert', 'all.har', '-o', '-', '-f', 'ndjson']);
  expect(pathsOf(again.stdout)).toEqual(['/1', '/2', '/3', '/4', '/5']);
});

test('standard input can be converted, with the filters and redaction of save', async () => {
  const place = await newPlace();
  const headers = [['Authorization', 'Bearer s3cret-t0ken']] as const;
  const har = await renderAs('har', [
    exchange({ url: 'http://a.test/x', headers }),
    exchange({ url: 'http://b.test/' }),
  ]);
  const cli = startCli(place, ['convert', '-', '--host', 'a.test', '-o', '-', '-f', 'har']);
  cli.closeInput(har);
  const { code, stdout, stderr } = await cli.ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^Recorded 1 exchange, 1 filtered out\./);
  const { log } = JSON.parse(stdout);
  expect(log.entries).toMatchObject([
    { request: { headers: [{ value: 'Bearer {{bearer_token}}' }] } },
  ]);
});

test('convert filters, redacts and renders a recording exactly as save does', {
  timeout: 60_000,
}, async () => {
  const upstream = await httpUpstream((request, response) => {
    response.sendDate = false;
    const known = request.headers.authorization === 'Bearer s3cret-t0ken';
    response.setHeader('Content-Type', 'application/json').statusCode = known ? 200 : 401;
    response.end(JSON.stringify({ known, token: known ? 's3cret-answer' : null }));
  });
  const other = await httpUpstream((_, response) => response.end());
  const place = await newPlace();
  const asked = ['--host', upstream.host, '--shape', 'endpoints', '--tests', '--no-noise'];
  for (const args of [
    ['-o', 'all.har', '--secrets', 'keep'],
    [...asked, '-o', 'api.json', '-o', 'api.openapi.yaml', '-o', 'api/', '-o', 'api.sh'],
  ]) {
    const save = await startSave(place, args);
    for (const path of ['/users/1', '/users/2', '/favicon.ico', '/users?x={{y}}']) {
      await ask(save, upstream.url + path);
      const headers = ['Authorization', 'Bearer s3cret-t0ken'];
      await ask(save, upstream.url + path, { headers, method: 'POST', body: '{"n":1}' });
    }
    await ask(save, other.url);
    expect(await save.end('SIGINT')).toMatchObject({ code: 0 });
  }
  const outputs = ['api.json', 'api.openapi.yaml', 'api.sh', 'api/'];
  for (const output of outputs) {
    const again = `again/${output}`;
    await mkdir(place.path('again'), { recursive: true });
    const args = ['convert', 'all.har', ...asked, '-o', again];
    const { code, stderr } = await runCli(place, args);
    expect(code, stderr).toBe(0);
  }
  expect(await readAll(place.path('again'))).toEqual(
    (await readAll(place.folder)).filter(([name]) => name.startsWith('api')),
  );
});

/** The texts of all files in a folder, by their paths. */
async function readAll(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const texts = paths
    .sort()
    .map(
      async (path): Promise<[string, string]> => [
        relative(folder, path),
        await readFile(path, 'utf8'),
      ],
    );
  return Promise.all(texts);
}

test.runIf(process.platform !== 'win32')('a pipe can be read under any name', async () => {
  const place = await newPlace();
  const line = `cat | ${typed()} convert /dev/stdin -o - -f ndjson`;
  const cli = spawnIn(place, ['sh', '-c', line], {});
  cli.closeInput(await renderAs('har', [at('/1', 1000)]));
  const { code, stdout, stderr } = await cli.ended;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^Recorded 1 exchange/)]);
  expect(pathsOf(stdout)).toEqual(['/1']);
});

test('ndjson may start with a byte order mark and end with white space', async () => {
  const place = await newPlace();
  const lines = (await renderAs('ndjson', [at('/1', 1000), at('/2', 2000)])).replaceAll(
    '\n',
    '\r\n',
  );
  await writeFile(place.path('a'), `\uFEFF${lines}\r\n  \n`);
  const { stdout } = await runCli(place, ['convert', 'a', '-o', '-', '-f', 'ndjson']);
  expect(pathsOf(stdout)).toEqual(['/1', '/2']);
});

test('browser entries that are not HTTP are left out and counted', async () => {
  const place = await newPlace();
  const har = await renderAs('har', [
    exchange({ url: 'data:,x' }),
    exchange({ url: 'http://a.test/' }),
  ]);
  await writeFile(place.path('a.har'), har);
  const { code, stderr } = await runCli(place, ['convert', 'a.har', '-o', 'b.har', '--min', '2']);
  expect(stderr).toContain('Left out 1 entries that are not HTTP.');
  expect(code).toBe(3);
});

describe('a fault', () => {
  const entry = {
    startedDateTime: '2024-01-01T00:00:00Z',
    request: { method: 'GET', url: 'http://a.test/' },
    response: { status: 200 },
  };
  const lines = (...entries: unknown[]) => entries.map((value) => JSON.stringify(value)).join('\n');
  const har = (...entries: unknown[]) =>
    `{"log":{"entries":[\n${entries.map((value) => JSON.stringify(value)).join(',\n')}\n]}}`;
  const noUrl = { ...entry, request: { method: 'GET' } };

  const rows: [string, string, string, RegExp, number][] = [
    [
      'an entry without a URL',
      'f.har',
      har(entry, noUrl, entry),
      /^pmproxy: f\.har, line 3: log\.entries\[1\]\.request\.url is missing\.(?: With --lenient|$)/m,
      2,
    ],
    [
      'an entry that is no JSON',
      'f.har',
      har(entry, entry).replace('"GET"', 'GET'),
      /^pmproxy: f\.har, line 2: log\.entries\[0\] is not JSON: Unexpected token 'G'\.(?: With --lenient|$)/m,
      1,
    ],
    [
      'an entry that lacks a quote',
      'f.har',
      har(entry, entry).replace('"GET"', '"GET'),
      /^pmproxy: f\.har, line 2: log\.entries\[0\] is not JSON: /m,
      0,
    ],
    [
      'a HAR file that ends too early',
      'f.har',
      har(entry, entry).slice(0, -20),
      /^pmproxy: f\.har, line 3: the file ends in the middle of log\.entries\[1\]\.(?: With --lenient|$)/m,
      1,
    ],
    [
      'a line without a method',
      'f.ndjson',
      lines(entry, { ...entry, request: { url: 'x' } }),
      /^pmproxy: f\.ndjson, line 2: entry\.request\.method is missing\.(?: With --lenient|$)/m,
      1,
    ],
    [
      'a last line that was cut',
      'f.ndjson',
      lines(entry, entry).slice(0, -9),
      /^pmproxy: f\.ndjson, line 2: entry is not JSON: /m,
      1,
    ],
    [
      'a collection that ends too early',
      'f.json',
      '{"info":{},"item":[\n{"item":[{"request":"http://a.test"},\n{"request":"http://a',
      /^pmproxy: f\.json, line 3: the file ends in the middle of item\[0\]\.item\[1\]\.(?: With --lenient|$)/m,
      1,
    ],
    [
      'a collection of version 1 that ends too early',
      'f.postman_collection',
      '{"id":"1","requests":[{"id":"a","url":"http://a.test"}],"or',
      /^pmproxy: f\.postman_collection, line 1: the file ends in the middle of the collection\.(?: With --lenient|$)/m,
      1,
    ],
    [
      'a collection of a version that nobody knows',
      'f.json',
      '{"info":{"schema":"https://x/collection/v9.0.0/x"},"item":[{"request":"http://a.test"}]}',
      /^pmproxy: f\.json, line 1: info\.schema names version 9\.0\.0; /m,
      1,
    ],
    [
      'a HAR file of a version that nobody knows',
      'f.har',
      har(entry).replace('{"log":{', '{"log":{"version":"9",'),
      /^pmproxy: f\.har: log\.version is 9; /m,
      1,
    ],
    [
      'a bad item',
      'f.json',
      '{"info":{},"item":[{"request":"http://a.test"},{"request":7}]}',
      /^pmproxy: f\.json, line 1: item\[1\]\.request must be an object, not a number\.(?: With --lenient|$)/m,
      1,
    ],
  ];

  test.each(rows)(
    '%s is reported in one line with its place, and nothing is written',
    async (_, name, content, message) => {
      const place = await placeWithInputs();
      await writeFile(place.path(name), content);
      await writeFile(place.path('out.har'), 'old');
      const { code, stdout, stderr } = await runInProcess(place, [
        'convert',
        'a.har',
        name,
        '-o',
        'out.har',
        '-o',
        '-',
      ]);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/ With --lenient, /);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect([code, stdout, await place.read('out.har')]).toEqual([1, '', 'old']);
    },
  );

  // Of many faults in one run, not all are said.
  test.each([rows.slice(0, 6), rows.slice(6)])(
    'is left out and reported with --lenient, and everything else is converted',
    async (...some) => {
      const place = await newPlace();
      const names = some.map(([, name], n) => `${n}-${name}`);
      for (const [n, [, , content]] of some.entries())
        await writeFile(place.path(names[n]!), content);
      const args = ['convert', ...names, '--lenient', '-o', 'out.ndjson'];
      const { code, stderr } = await runInProcess(place, args);
      expect(code, stderr).toBe(0);
      for (const [n, [, , , { source }]] of some.entries())
        expect(stderr).toMatch(new RegExp(source.replace('^pmproxy: ', `skipped: ${n}-`), 'm'));
      const left = some.reduce((sum, [, , , , count]) => sum + count, 0);
      expect((await place.read('out.ndjson')).split('\n').length - 1).toBe(left);
    },
  );

  test.each([
    ['nothing', '', /^pmproxy: f is empty\. pmproxy convert reads /],
    [
      'a collection of which nothing is whole',
      '{"info":{},"item":[{"name":"',
      /^pmproxy: f, line 1: the file ends in the middle of item\[0\]\./,
    ],
    [
      'a collection with a missing comma',
      '{"info":{},"item":[{"request":"http://a.test"}\n{"request":"http://a.test"}]}',
      /^pmproxy: f, line 2: Unexpected token '\{'\./,
    ],
    [
      'a list',
      '[1]',
      /^pmproxy: f is not HAR, ndjson or a Postman collection\. pmproxy convert reads /,
    ],
    ['a picture', '\u0089PNG\r\n', /^pmproxy: f is not HAR, ndjson or a Postman collection\./],
    [
      'another JSON',
      '{"name":"x","rows":[]}',
      /^pmproxy: f is not HAR, ndjson or a Postman collection\./,
    ],
    ['HAR without entries', '{"log":{}}', /^pmproxy: f: log\.entries is missing\./],
  ])('%s cannot be converted, even with --lenient', async (_, content, message) => {
    const place = await newPlace();
    await writeFile(place.path('f'), content);
    const args = ['convert', 'f', '-o', 'out.har', '--lenient'];
    const { code, stderr } = await runInProcess(place, args);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  test.each([
    [
      'a file that is not there',
      ['no.har'],
      /^pmproxy: Cannot read no\.har: the file does not exist\.$/m,
    ],
    ['standard input twice', ['-', '-'], /^pmproxy: Standard input \(-\) can be read once only\./],
  ])('%s is wrong usage', async (_, inputs, message) => {
    const { code, stderr } = await runInProcess(await newPlace(), [
      'convert',
      ...inputs,
      '-o',
      'out.har',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

test('a folder that is neither a journal nor a collection is refused', async () => {
  const place = await newPlace();
  const { code, stderr } = await runCli(place, ['convert', '.', '-o', 'out.har']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^pmproxy: \. is not a journal of pmproxy/),
  ]);
});

testWith(
  'prlimit',
  '--fsize=10000',
  'true',
)('a full disk is reported, and the existing file is kept', async () => {
  const place = await newPlace();
  const large = exchange({ url: 'http://a.test/', response: { body: 'x'.repeat(20_000) } });
  await writeFile(place.path('a.har'), await renderAs('har', [large]));
  await writeFile(place.path('out.json'), 'old');
  const through = ['prlimit', '--fsize=10000'];
  for (const output of ['out.json', 'out/']) {
    const { code, stderr } = await runCli(place, ['convert', 'a.har', '-o', output], { through });
    const shown = output.replace('/', '');
    expect(stderr).toMatch(new RegExp(`^pmproxy: Cannot write ${shown}: EFBIG: .*\\n$`));
    expect(code).toBe(1);
  }
  expect(await place.read('out.json')).toBe('old');
  expect((await readdir(place.folder)).sort()).toEqual(['a.har', 'out.json']);
});

test('an input may be replaced by its own conversion', async () => {
  const place = await placeWithInputs();
  const before = await readFile(join(place.folder, 'a.har'), 'utf8');
  expect((await runCli(place, ['convert', 'a.har', '-o', 'a.har', '--secrets', 'keep'])).code).toBe(
    0,
  );
  expect(await place.read('a.har')).toBe(before);
});
