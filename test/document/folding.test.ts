import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newPlace, runCli } from '../helpers/cli.ts';

const response = (code: number) => ({
  name: `Answer ${code}`,
  code,
  status: '',
  header: [],
  body: '',
});
const item = (name: string, path: string, more = {}) => ({
  name,
  request: { method: 'GET', url: `https://api.test${path}`, header: [] },
  response: [],
  ...more,
});
const script = { listen: 'test', script: { exec: ['pm.test("x", () => {});'] } };

const collection = {
  info: {
    name: 'c',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  item: [
    item('first', '/a', { response: [response(200)] }),
    item('other', '/b'),
    item('again', '/a', { response: [response(200), response(404)] }),
    item('with a script', '/a', { event: [script] }),
    { name: 'as somebody', auth: { type: 'bearer', bearer: [] }, item: [item('asked', '/a')] },
    { name: 'as nobody else', item: [item('once more', '/a', { response: [response(500)] })] },
  ],
};

type Written = { name: string; item?: Written[]; response?: { name: string }[] };

async function converted(...options: string[]): Promise<Written[]> {
  const place = await newPlace();
  await writeFile(place.path('in.json'), JSON.stringify(collection));
  const { code, stderr } = await runCli(place, [
    'convert',
    'in.json',
    ...options,
    '-o',
    'out.json',
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain('--dedupe');
  return JSON.parse(await place.read('out.json')).item;
}

const namesIn = (items: readonly Written[]): string[] =>
  items.flatMap((one) => (one.item ? namesIn(one.item) : [one.name]));

test('--dedupe makes one of items that send and check the same', async () => {
  const items = await converted('--dedupe');
  expect(namesIn(items)).toEqual(['first', 'other', 'with a script', 'asked']);
  const answers = items[0]?.response?.map(({ name }) => name);
  expect(answers).toEqual(['Answer 200', 'Answer 404', 'Answer 500']);
});

test('nothing in a collection is folded unless it is asked for', async () => {
  const names = ['first', 'other', 'again', 'with a script', 'asked', 'once more'];
  expect(namesIn(await converted())).toEqual(names);
});
