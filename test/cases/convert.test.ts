import { cp, readdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { casePath } from '../helpers/documents.ts';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { exchange } from '../helpers/exchanges.ts';
import { renderAs } from '../helpers/har.ts';
import { runInProcess } from '../helpers/in-process.ts';

async function placeWith(name: string): Promise<Place> {
  const place = await newPlace();
  await cp(casePath(name), place.path('in.json'));
  return place;
}

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const collection = (item: unknown, more: object = {}) =>
  JSON.stringify({ info: { name: 'Mine', schema }, item, ...more });

async function placeWithText(text: string): Promise<Place> {
  const place = await newPlace();
  await writeFile(place.path('in.json'), text);
  return place;
}

test('content without a place in a format is reported in one line with a count and the first place', async () => {
  const place = await placeWith('scripts-names');
  const { code, stderr } = await runCli(place, ['convert', 'in.json', '-o', 'a.http']);
  expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
    0,
    ['warning: http cannot represent scripts: 2, first in the collection itself', 'Read 1 request.'],
  ]);
});

test('a collection keeps its name unless another one is given', async () => {
  const place = await placeWith('scripts-names');
  await runInProcess(place, ['convert', 'in.json', '-o', 'a.json', '-o', 'b/']);
  expect(await place.read('a.json')).toContain('"name": "Shop API"');
  expect(await place.read('b/.resources/definition.yaml')).toContain('name: Shop API');
  await runInProcess(place, ['convert', 'in.json', '-o', 'a.json', '--name', 'Other']);
  expect(await place.read('a.json')).toContain('"name": "Other"');
});

test('filters select the requests of a collection, and folders that become empty are removed', async () => {
  const get = (name: string, url: string) => ({ name, request: { method: 'GET', url } });
  const text = collection(
    [
      { name: 'Gone', item: [get('a', 'https://b.test/a')] },
      { name: 'Kept', item: [get('b', '{{base}}/b'), { name: 'Empty', item: [] }] },
      get('c', '{{unknown}}/c'),
    ],
    { variable: [{ key: 'base', value: 'https://a.test' }] },
  );
  const place = await placeWithText(text);
  const args = ['convert', 'in.json', '--host', 'a.test', '-o', 'a.json'];
  const { code, stderr } = await runInProcess(place, args);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^Read 1 request, 2 filtered out\./)]);
  expect(await place.json('a.json')).toMatchObject({
    item: [{ name: 'Kept', item: [{ name: 'b' }] }],
  });
});

test('filters select examples by status', async () => {
  const response = [
    { name: 'good', code: 200, status: 'OK', header: [], body: '1' },
    { name: 'bad', code: 500, status: 'Oh', header: [], body: '2' },
  ];
  const request = { method: 'GET', url: 'https://a.test/' };
  const place = await placeWithText(collection([{ name: 'a', request, response }]));
  await runInProcess(place, ['convert', 'in.json', '--status', '5xx', '-o', 'a.json']);
  expect(await place.json('a.json')).toMatchObject({
    item: [{ name: 'a', response: [{ name: 'bad' }] }],
  });
});

describe('secrets of a collection', () => {
  const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
  const text = collection(
    [
      {
        name: 'a',
        event: [{ listen: 'test', script: { exec: [`pm.environment.set('t', '${secret}');`] } }],
        request: {
          method: 'POST',
          header: [
            { key: 'Authorization', value: `Bearer ${secret}` },
            { key: 'X-Other', value: 'Bearer {{mine}}', disabled: true },
          ],
          body: { mode: 'raw', raw: `{"password":"hunter2-hunter2","id":"{{id}}"}` },
          url: `https://a.test/?access_token=${secret}&page={{page}}`,
        },
      },
    ],
    { variable: [{ key: 'apiKey', value: 's3cr3t-k3y-0815' }, { key: 'page', value: '1' }] },
  );

  test('become variables in the file, without values in the environment', async () => {
    const place = await placeWithText(text);
    const { code, stderr } = await runInProcess(place, ['convert', 'in.json', '-o', 'a.json', '-o', 'b.har']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('3 secrets replaced')]);
    for (const name of await readdir(place.folder)) {
      if (name === 'in.json') continue;
      const written = await place.read(name);
      for (const value of [secret, 'hunter2', 's3cr3t']) expect(written).not.toContain(value);
    }
    const written = await place.read('a.json');
    for (const variable of ['{{mine}}', '{{id}}', '{{page}}']) expect(written).toContain(variable);
    const { values } = await place.json<{ values: { key: string; value: string }[] }>(
      'a.postman_environment.json',
    );
    expect(values.map(({ key }) => key)).toContain('apiKey');
    expect(values.every(({ value }) => value === '')).toBe(true);
  });

  test('have their values in the environment with --secrets env', async () => {
    const place = await placeWithText(text);
    await runInProcess(place, ['convert', 'in.json', '-o', 'a.json', '--secrets', 'env']);
    expect(await place.read('a.json')).not.toContain('s3cr3t');
    expect(await place.read('a.postman_environment.json')).toContain('s3cr3t-k3y-0815');
  });
});

describe('several inputs', () => {
  test('an environment among them gives variables their values', async () => {
    const place = await placeWith('url-variable');
    const values = [{ key: 'apiUrl', value: 'https://api.test', enabled: true }];
    await writeFile(place.path('env.json'), JSON.stringify({ id: '1', name: 'dev', values }));
    const { code, stderr } = await runInProcess(place, ['convert', 'in.json', 'env.json', '-o', 'a.har']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Read 2 requests\./)]);
    expect(await place.read('a.har')).toContain('"url":"https://api.test/users"');
  });

  test('an environment alone is nothing to convert', async () => {
    const place = await newPlace();
    await writeFile(place.path('env.json'), JSON.stringify({ name: 'dev', values: [] }));
    const { code, stderr } = await runInProcess(place, ['convert', 'env.json', '-o', 'a.har']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing to convert')]);
  });

  test('collections become folders of one collection and keep their auth', async () => {
    const place = await placeWith('repeats');
    await writeFile(
      place.path('b.json'),
      collection([{ name: 'x', request: 'https://b.test/' }], {
        auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{t}}' }] },
      }),
    );
    await runInProcess(place, ['convert', 'in.json', 'b.json', '-o', 'all.json', '--name', 'All']);
    expect(await place.json('all.json')).toMatchObject({
      info: { name: 'All' },
      item: [{ name: 'Flow' }, { name: 'Mine', auth: { type: 'bearer' }, item: [{ name: 'x' }] }],
    });
  });

  test('a recording and a collection can be merged into either kind of file', async () => {
    const place = await placeWith('repeats');
    await writeFile(place.path('a.har'), await renderAs('har', [exchange({ url: 'http://a.test/har' })]));
    const args = ['convert', 'a.har', 'in.json', '-o', 'all.json', '-o', 'all.ndjson'];
    const { code, stderr } = await runInProcess(place, args);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Recorded 1 exchange\.\nRead 3 req/)]);
    expect((await place.read('all.ndjson')).trimEnd().split('\n')).toHaveLength(4);
    expect(await place.read('all.json')).toContain('/har');
  });

  test('a data dump holds collections and environments', async () => {
    const place = await newPlace();
    const request = { id: 'r', name: 'Read', method: 'GET', url: '{{base}}/1' };
    const values = [{ key: 'base', value: 'https://a.test', enabled: true }];
    const dump = {
      version: 1,
      collections: [{ id: 'c', name: 'Old', order: ['r'], folders: [], requests: [request] }],
      environments: [{ id: 'e', name: 'dev', values }],
      headerPresets: [],
      globals: [],
    };
    await writeFile(place.path('dump.json'), JSON.stringify(dump));
    await runInProcess(place, ['convert', 'dump.json', '-o', 'a.har', '-o', 'a.json']);
    expect(await place.read('a.har')).toContain('"url":"https://a.test/1"');
    expect(await place.json('a.json')).toMatchObject({ info: { name: 'Old' }, item: [{ name: 'Read' }] });
  });
});

test.each([
  ['a.json', [0, 'Read 2 requests.']],
  ['a.sh', [0, 'Read 2 requests.']],
  ['a.postman_collection', [0, 'Read 2 requests.']],
  // No system opens a folder as deep as that.
  ['a/', [1, 'ENAMETOOLONG']],
])('20,000 nested folders are written to %s, or refused with a clear message', async (output, [code, said]) => {
  const inner = '{"request":"https://a.test/in"}';
  const deep = `${'{"item":['.repeat(20_000)}${inner}${']}'.repeat(20_000)}`;
  const place = await placeWithText(`{"info":{},"item":[${deep},{"request":"https://a.test/"}]}`);
  const end = await runCli(place, ['convert', 'in.json', '-o', output]);
  expect([end.code, end.stderr]).toEqual([code, expect.stringContaining(String(said))]);
});

describe('--lenient', () => {
  test('leaves out an unreadable item but not its folder, and an unreadable example but not its request', async () => {
    const good = { name: 'good', request: 'https://a.test/' };
    const examples = [7, { name: 'fine', code: 200, status: 'OK', header: [], body: '' }];
    const text = collection([
      { name: 'F', item: [good, { name: 'bad', request: 7 }, { ...good, response: examples }] },
    ]).replaceAll('},{', '},\n{');
    const place = await placeWithText(text);
    const strict = await runInProcess(place, ['convert', 'in.json', '-o', 'a.json']);
    expect([strict.code, strict.stderr]).toEqual([
      1,
      expect.stringMatching(/^pmproxy: in\.json, line 2: item\[0\]\.item\[1\]\.request must be an object/),
    ]);
    const { code, stderr } = await runInProcess(place, ['convert', 'in.json', '--lenient', '-o', 'a.json']);
    expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        expect.stringMatching(/^warning: skipped: in\.json, line 2: item\[0\]\.item\[1\]/),
        expect.stringMatching(/skipped: in\.json, line 3: item\[0\]\.item\[2\]\.response\[0\]/),
      ],
    ]);
    expect(await place.json('a.json')).toMatchObject({
      item: [{ item: [{ name: 'good' }, { name: 'good', response: [{ name: 'fine' }] }] }],
    });
  });

  test('names that are paths, duplicate ids and names of Object.prototype do no harm', async () => {
    const item = JSON.parse('{"id":"i","name":"../../etc","__proto__":{"x":1},"request":{"url":"https://a.test/","header":[{"key":"__proto__","value":"1"}]}}');
    const place = await placeWithText(collection([item, item, { name: '..', item: [item] }]));
    const args = ['convert', 'in.json', '-o', 'a.json', '-o', 'b/', '-o', 'c.postman_collection'];
    const { code, stderr } = await runInProcess(place, args);
    expect(code, stderr).toBe(0);
    expect((await readdir(place.path('b'), { recursive: true })).sort()).toEqual(
      expect.arrayContaining(['.. 1', '..-..-etc 1.request.yaml', '..-..-etc.request.yaml']),
    );
    const { requests } = await place.json<{ requests: { id: string }[] }>('c.postman_collection');
    expect(new Set(requests.map(({ id }) => id)).size).toBe(3);
  });
});
