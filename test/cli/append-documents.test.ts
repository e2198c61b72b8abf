import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
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
  expect(said).not.toContain('has no place');
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
    'postman has no place for auth, scripts and settings of folders that are there: 1, first in "F"',
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
  expect(await append(place, 'api/', added)).not.toContain('has no place');
  expect((await filesBelow(`${place.folder}/api`)).size).toBe(files.size);
});
