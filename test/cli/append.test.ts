import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange.ts';
import { newPlace, type Place, pathsIn, runCli, startSave } from '../helpers/cli.ts';
import { renderAs } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';
import { everyByte } from '../helpers/hard-requests.ts';
import { ask } from '../helpers/http-client.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { lintCollection } from '../helpers/runners.ts';
import { httpUpstream } from '../helpers/upstream.ts';

/** Converts exchanges and gives the end of the command. */
async function convert(place: Place, exchanges: readonly Exchange[], ...args: string[]) {
  await writeFile(
    place.path('in.ndjson'),
    await renderAs('ndjson', exchanges, { secrets: 'keep' }),
  );
  const end = await runInProcess(place, ['convert', 'in.ndjson', ...args]);
  return { ...end, failed: end.code === 0 ? '' : end.stderr };
}

const get = (path: string, body = 'answer') =>
  exchange({ url: `http://api.test${path}`, response: { body } });

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('--append', () => {
  test('save adds only new requests, to the default file and to a named one', async () => {
    const place = await newPlace();
    const upstream = await httpUpstream((_, response) => response.end('answer'));
    const file = 'pmproxy.postman_collection.json';
    for (const [paths, ...args] of [
      [['/a'], '--append'],
      [['/a', '/b'], '--append'],
      [['/c'], '--append', '-o', file],
    ] as const) {
      const cli = await startSave(place, args);
      for (const path of paths) await ask(cli, upstream.url + path);
      expect(await cli.end('SIGINT')).toMatchObject({ code: 0 });
    }
    expect(pathsIn(await place.read(file))).toEqual(['/a', '/b', '/c']);
    expect((await readdir(place.folder)).filter((name) => name.endsWith('.json'))).toEqual([file]);
  });

  test('what a person wrote is kept, also through a link, and the file is made private', async () => {
    const place = await newPlace();
    await convert(place, [get('/a')], '-o', 'real.json');
    const mine = (await place.read('real.json')).replace('"GET /a"', '"My \\u0041"');
    await writeFile(place.path('real.json'), mine, { mode: 0o644 });
    await symlink('real.json', place.path('link.json'));
    expect((await convert(place, [get('/a')], '--append', '-o', 'link.json')).failed).toBe('');
    expect(await place.read('real.json')).toBe(mine);
    expect((await convert(place, [get('/b')], '--append', '-o', 'link.json')).failed).toBe('');
    const result = await place.read('real.json');
    expect(result).toContain('"My \\u0041"');
    expect(pathsIn(result)).toEqual(['/a', '/b']);
    expect(await modeOf(place.path('real.json'))).toBe(0o600);
  });

  test('values of secrets are added to the existing environment', async () => {
    const place = await newPlace();
    const asked = (path: string, token: string) =>
      exchange({ url: `http://api.test${path}`, headers: [['Authorization', token]] });
    const args = ['-o', 'api.json', '--secrets', 'env', '--append'];
    await convert(place, [asked('/a', 'Bearer one')], ...args);
    await convert(place, [asked('/b', 'Basic dHdvOnR3bw==')], ...args);
    const { values } = await place.json<{ values: object[] }>('api.postman_environment.json');
    expect(values).toMatchObject([
      { key: 'bearer_token', value: 'one' },
      { key: 'basic_auth', value: 'dHdvOnR3bw==' },
    ]);
  });

  test('postman-v2.0 can be appended to, but not with v2.1', async () => {
    const place = await newPlace();
    const format = ['-f', 'postman-v2.0', '-o', 'old.json'];
    await convert(place, [get('/a')], ...format);
    expect((await convert(place, [get('/b')], '--append', ...format)).failed).toBe('');
    const text = await place.read('old.json');
    expect(pathsIn(text)).toEqual(['/a', '/b']);
    expect(await convert(place, [get('/c')], '--append', '-o', 'old.json')).toMatchObject({
      code: 2,
      failed: expect.stringMatching(/old\.json: it is not a Postman collection v2\.1\.0 .*2\.0\.0/),
    });
    expect(await place.read('old.json')).toBe(text);
  });

  test.each([
    [
      'text.json',
      'no JSON',
      /Cannot append to text\.json: it is not a Postman collection .*not JSON/,
    ],
    [
      'har.json',
      '{"log":{}}',
      /Cannot append to har\.json: it is not a Postman collection v2\.1\.0/,
    ],
    [
      'x.har',
      '{}',
      /--append cannot add to x\.har: har does not support that.* It can add to: postman,/,
    ],
    ['-', '', /--append adds to a file, and standard output \(-\) is not a file/],
    [
      'folder/',
      undefined,
      /Cannot replace folder\/: it contains something other than a collection/,
    ],
  ])('%s is refused before the proxy listens', async (output, content, why) => {
    const place = await newPlace();
    if (content === undefined) {
      await mkdir(place.path(output));
      await writeFile(join(place.path(output), 'mine.txt'), 'mine');
    } else if (output !== '-') await writeFile(place.path(output), content);
    const command = ['--', 'touch', place.path('ran')];
    const { code, stderr } = await runInProcess(place, [
      'save',
      '--append',
      '-o',
      output,
      ...command,
    ]);
    expect(stderr).toMatch(why);
    expect(code).toBe(2);
    expect(await readdir(place.folder)).not.toContain('ran');
    if (content !== undefined && output !== '-') expect(await place.read(output)).toBe(content);
  });
});

describe('a folder of a collection v3', () => {
  const files = async (place: Place, folder: string) =>
    (await readdir(place.path(folder), { recursive: true })).filter((path) =>
      path.endsWith('.request.yaml'),
    );

  test('is written, linted, replaced and added to', { timeout: 120_000 }, async () => {
    const place = await newPlace();
    const upload = exchange({ url: 'http://api.test/up', body: everyByte });
    expect((await convert(place, [get('/a'), upload], '-o', 'api/')).failed).toBe('');
    expect(await files(place, 'api')).toEqual(['GET -a.request.yaml', 'POST -up.request.yaml']);
    expect(await modeOf(place.path('api'))).toBe(0o700);
    expect(await modeOf(place.path('api/.resources/definition.yaml'))).toBe(0o600);
    expect(await place.read('api/POST -up.request.yaml')).toContain('src: api.files/');
    expect(await readdir(place.path('api.files'))).toHaveLength(1);
    expect(await place.read('api/.resources/definition.yaml')).toContain('\nname: api\n');

    expect((await convert(place, [get('/b')], '-o', 'api/')).failed).toBe('');
    expect(await files(place, 'api')).toEqual(['GET -b.request.yaml']);

    await writeFile(place.path('api/README.md'), 'mine');
    expect(
      (await convert(place, [get('/b', '2'), get('/c')], '--append', '-o', 'api/')).failed,
    ).toBe('');
    expect((await files(place, 'api')).sort()).toEqual([
      'GET -b.request.yaml',
      'GET -c.request.yaml',
    ]);
    expect(await place.read('api/README.md')).toBe('mine');
    const names = await readdir(place.path('api'), { recursive: true });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await readdir(place.folder)).toEqual(['api', 'api.files', 'in.ndjson']);
    await lintCollection(place.path('api'));
  });

  test('can be appended to from inside the folder', async () => {
    const place = await newPlace();
    await convert(place, [get('/a')], '-o', 'api/');
    await writeFile(place.path('api/in.ndjson'), await renderAs('ndjson', [get('/b')]));
    const within = { ...place, folder: place.path('api') };
    const args = ['convert', 'in.ndjson', '--append', '-o', './'];
    expect(await runCli(within, args)).toMatchObject({ code: 0 });
    expect((await files(place, 'api')).sort()).toEqual([
      'GET -a.request.yaml',
      'GET -b.request.yaml',
    ]);
  });

  test('gets a name of its own when none is given', async () => {
    const place = await newPlace();
    const args = ['-f', 'postman-v3', '--name', 'My: API'];
    await convert(place, [get('/a')], ...args);
    await convert(place, [get('/b')], ...args);
    await convert(place, [get('/c')], ...args, '--append');
    const folders = (await readdir(place.folder)).filter((name) => name.startsWith('My'));
    expect(folders).toEqual(['My- API', 'My- API-2']);
    expect((await files(place, 'My- API')).sort()).toEqual([
      'GET -a.request.yaml',
      'GET -c.request.yaml',
    ]);
    const definition = await readFile(join(place.path('My- API'), '.resources/definition.yaml'));
    expect(definition.toString()).toContain('name: "My: API"');
  });

  test.each([
    ['contains other files', ['-o', 'mine/'], /Cannot replace mine\/: it contains something other/],
    [
      'contains more than a collection',
      ['-o', 'kept/'],
      /Cannot replace kept\/: \.git\/HEAD in it is not part .* Add to the collection with --append/,
    ],
    ['is a file', ['-o', 'file/'], /Cannot write file\/: it is not a folder/],
    ['is the current folder', ['-o', './'], /Cannot replace \.\/: /],
    ['is standard output', ['-f', 'postman-v3', '-o', '-'], /cannot go to standard output/],
    ['is given twice', ['-o', 'new/', '-f', 'postman-v3', '-o', 'new'], /-o new is given twice/],
    [
      'is meant for another format',
      ['-f', 'har', '-o', 'new/'],
      /Cannot write new\/: it is a folder/,
    ],
  ])('is refused when it %s', async (_, args, why) => {
    const place = await newPlace();
    await mkdir(place.path('mine'));
    await writeFile(place.path('mine/notes.yaml'), '$kind: collection');
    await writeFile(place.path('file'), '');
    await convert(place, [get('/a')], '-o', 'kept/');
    await mkdir(place.path('kept/.git'));
    await writeFile(place.path('kept/.git/HEAD'), 'mine');
    const { code, failed } = await convert(place, [get('/a')], ...args);
    expect(failed).toMatch(why);
    expect(code).toBe(2);
    expect(await readdir(place.path('mine'))).toEqual(['notes.yaml']);
    expect(await place.read('kept/.git/HEAD')).toBe('mine');
  });
});
