import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { newPlace, type Place, runCli } from '../helpers/cli.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { filesBelow } from '../helpers/leaks.ts';

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';
const auth = { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] };
const event = [
  {
    listen: 'prerequest',
    script: { type: 'text/javascript', exec: ["pm.variables.get('stage')"] },
  },
];
const variable = [{ key: 'stage', value: 'test' }];
const get = (name: string) => ({
  name,
  request: { method: 'GET', header: [], url: `https://api.test/${name}` },
  response: [],
});
const collection = (name: string, rest: object) => ({ info: { name, schema }, ...rest });

async function append(place: Place, target: string, added: object): Promise<string> {
  await writeFile(`${place.folder}/added.json`, JSON.stringify(added));
  const end = await runInProcess(place, ['convert', 'added.json', '--append', '-o', target]);
  expect(end.code, end.stderr).toBe(0);
  return end.stderr;
}

async function placeWith(target: object): Promise<Place> {
  const place = await newPlace();
  await writeFile(`${place.folder}/api.json`, JSON.stringify(target, null, 2));
  return place;
}

async function read(place: Place) {
  return JSON.parse(await readFile(`${place.folder}/api.json`, 'utf8'));
}

test('an appended collection gets a folder of its own with its auth, scripts and empty folders', async () => {
  const place = await placeWith(collection('There', { item: [get('a')] }));
  const added = collection('Added', {
    auth,
    event,
    variable,
    item: [get('b'), { name: 'Later', item: [] }],
  });
  const said = await append(place, 'api.json', added);
  expect(said).not.toContain('cannot represent');
  const { item, auth: shared, variable: variables } = await read(place);
  expect(shared).toBeUndefined();
  expect(item).toMatchObject([
    { name: 'a' },
    { name: 'Added', auth, event, item: [{ name: 'b' }, { name: 'Later', item: [] }] },
  ]);
  expect(variables).toEqual(variable);
  const once = await readFile(`${place.folder}/api.json`, 'utf8');
  await append(place, 'api.json', added);
  expect(await readFile(`${place.folder}/api.json`, 'utf8')).toBe(once);
});

test('requests with the same auth as the existing collection need no folder', async () => {
  const place = await placeWith(collection('There', { auth, item: [get('a')] }));
  await append(place, 'api.json', collection('Added', { auth, item: [get('a'), get('b')] }));
  const { item } = await read(place);
  expect(item).toMatchObject([{ name: 'a' }, { name: 'b' }]);
  expect(item[1].request.auth).toBeUndefined();
});

test('an existing folder keeps its own auth and scripts, and a warning counts those that are lost', async () => {
  const place = await placeWith(collection('There', { item: [{ name: 'F', item: [get('a')] }] }));
  const added = collection('Added', { item: [{ name: 'F', auth, item: [get('b'), get('c')] }] });
  const said = await append(place, 'api.json', added);
  expect(said).toContain(
    'postman: kept the existing auth, scripts and settings of folders where the added collection differs: 1, first in "F"',
  );
  expect((await read(place)).item).toMatchObject([{ name: 'F', item: [{}, { name: 'b' }, {}] }]);
});

test('an appended collection gets a folder of its own in a collection v3, too', async () => {
  const place = await placeWith(collection('There', { item: [get('a')] }));
  const first = await runCli(place, ['convert', 'api.json', '-o', 'api/']);
  expect(first.code, first.stderr).toBe(0);
  const added = collection('Added', {
    auth,
    event,
    variable,
    item: [get('b'), { name: 'Later', item: [] }],
  });
  await append(place, 'api/', added);
  const files = await filesBelow(`${place.folder}/api`);
  const texts = new Map([...files].map(([path, text]) => [path.split('/api/')[1], text]));
  expect(texts.get('Added/.resources/definition.yaml')).toMatch(/beforeRequest.*bearer/s);
  expect([...texts.keys()]).toContain('Added/Later/.resources/definition.yaml');
  expect(await append(place, 'api/', added)).not.toContain('cannot represent');
  expect((await filesBelow(`${place.folder}/api`)).size).toBe(files.size);
});

describe('an item that is there', () => {
  const said = (exec: string) => ({
    listen: 'test',
    script: { type: 'text/javascript', exec: [exec] },
  });
  const full = {
    ...get('a'),
    description: 'Says what it is for.',
    event: [said("pm.test('mine')")],
    variable: [{ key: 'page', value: '1' }],
    protocolProfileBehavior: { followRedirects: false },
  };
  const added = collection('Added', { item: [full] });

  test('gets the scripts, description, variables and settings that it lacks, and keeps every character', async () => {
    const place = await placeWith(collection('There', { item: [{ ...get('a'), name: 'Mine' }] }));
    const before = await readFile(`${place.folder}/api.json`, 'utf8');
    expect(await append(place, 'api.json', added)).not.toContain('kept the existing');
    const { name: _, request: __, response: ___, ...lacking } = full;
    const { description, ...members } = lacking;
    const [item] = (await read(place)).item;
    expect(item).toMatchObject({ name: 'Mine', ...members, request: { description } });
    const after = await readFile(`${place.folder}/api.json`, 'utf8');
    expect(isSubsequence(before, after)).toBe(true);
    await append(place, 'api.json', added);
    expect(await readFile(`${place.folder}/api.json`, 'utf8')).toBe(after);
  });

  test('keeps its own scripts, description, variables and settings, and the difference is told', async () => {
    const mine = {
      ...full,
      description: 'Mine.',
      event: [said('mine()')],
      variable: [{ key: 'page', value: '2' }],
      protocolProfileBehavior: { followRedirects: true },
    };
    const place = await placeWith(collection('There', { item: [{ name: 'F', item: [mine] }] }));
    const before = await readFile(`${place.folder}/api.json`, 'utf8');
    const stderr = await append(place, 'api.json', added);
    expect(await readFile(`${place.folder}/api.json`, 'utf8')).toBe(before);
    for (const kind of ['scripts', 'descriptions', 'values of variables', 'settings'])
      expect(stderr).toContain(
        `postman: kept the existing ${kind} where the added collection differs: 1, first in "a"`,
      );
  });

  test('gets auth where it has none, and a text where its description is empty', async () => {
    const plain = { ...get('a'), id: 'same' };
    const request = { ...plain.request, description: '' };
    const place = await placeWith(collection('There', { item: [{ ...plain, request }] }));
    await append(
      place,
      'api.json',
      collection('Added', {
        item: [{ ...plain, request: { ...plain.request, auth, description: 'A "word".' } }],
      }),
    );
    const [item] = (await read(place)).item;
    expect(item.request).toMatchObject({ auth, description: 'A "word".' });
  });

  test('gets the same in a collection v3', async () => {
    const place = await placeWith(collection('There', { item: [get('a')] }));
    const made = await runCli(place, ['convert', 'api.json', '-o', 'api/']);
    expect(made.code, made.stderr).toBe(0);
    const file = `${place.folder}/api/a.request.yaml`;
    const before = `# Mine.\n${await readFile(file, 'utf8')}`;
    await writeFile(file, before);
    await append(place, 'api/', added);
    const after = await readFile(file, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(parse(after)).toMatchObject({
      description: 'Says what it is for.',
      scripts: [{ type: 'afterResponse', code: "pm.test('mine')" }],
      settings: { followRedirects: false },
    });
    await append(place, 'api/', added);
    expect(await readFile(file, 'utf8')).toBe(after);
    const other = {
      ...full,
      event: [said('other()'), { ...said('first()'), listen: 'prerequest' }],
    };
    const stderr = await append(place, 'api/', collection('Added', { item: [other] }));
    expect(stderr).toContain('postman-v3: kept the existing scripts');
    expect(parse(await readFile(file, 'utf8')).scripts).toMatchObject([
      { type: 'afterResponse', code: "pm.test('mine')" },
      { type: 'beforeRequest', code: 'first()' },
    ]);
  });
});

test('a recording that is merged with a collection leaves it its unknown fields', async () => {
  const place = await placeWith(collection('There', { item: [{ ...get('a'), _team: 'mine' }] }));
  const { url } = get('b').request;
  const entry = { startedDateTime: '2026-01-01T00:00:00Z', time: 1, cache: {}, timings: {} };
  const request = { method: 'GET', url, headers: [] };
  const response = { status: 200, headers: [], content: {} };
  await writeFile(
    `${place.folder}/b.har`,
    JSON.stringify({ log: { entries: [{ ...entry, request, response }] } }),
  );
  const end = await runCli(place, ['convert', 'api.json', 'b.har', '-o', 'both.json']);
  expect(end.code, end.stderr).toBe(0);
  expect(await readFile(`${place.folder}/both.json`, 'utf8')).toContain('"_team": "mine"');
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (part.startsWith(character, at)) at += character.length;
  return at === part.length;
}
