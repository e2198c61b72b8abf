import { describe, expect, test } from 'vitest';
import { casePath, convert, convertToFolder, stored } from '../helpers/documents.ts';
import { meaningOf } from '../helpers/meaning.ts';

const names = [
  'scripts-names',
  'repeats',
  'own-request',
  'upload-names',
  'auth-helpers',
  'disabled',
  'empty-url',
  'path-variables',
  'left-over-body',
  'disabled-query-in-raw',
];

const keep = { secrets: 'keep' } as const;

describe.each(names)('%s', (name) => {
  test.each(['postman', 'postman-v2.0', 'postman-v1'] as const)(
    'is the same collection in %s',
    async (format) => {
      const { text } = await convert(casePath(name), format, keep);
      expect(await meaningOf(await stored(text))).toEqual(await meaningOf(casePath(name)));
    },
  );
});

describe.each(names.filter((name) => name !== 'left-over-body'))('%s', (name) => {
  test('is the same collection in version 3', async () => {
    const { folder } = await convertToFolder(casePath(name), keep);
    expect(await meaningOf(folder)).toEqual(await meaningOf(casePath(name)));
  });
});

test('names, folders, descriptions and scripts are kept', async () => {
  const { text } = await convert(casePath('scripts-names'), 'postman');
  expect(JSON.parse(text)).toMatchObject({
    info: { name: 'Shop API', description: 'All of the shop.' },
    event: [{ listen: 'prerequest', script: { exec: ["pm.variables.set('now', Date.now());"] } }],
    item: [
      {
        name: 'Orders',
        description: 'About orders',
        item: [
          {
            name: 'Read one order',
            event: [{ listen: 'test' }],
            request: { description: 'Reads an order.' },
          },
        ],
      },
    ],
  });
});

test('a format without scripts reports how many were left out, and where', async () => {
  for (const format of ['curl', 'http', 'openapi', 'har'] as const) {
    const { losses } = await convert(casePath('scripts-names'), format);
    expect([format, losses]).toEqual([
      format,
      [
        { kind: 'scripts', place: [] },
        { kind: 'scripts', place: ['Orders', 'Read one order'] },
      ],
    ]);
  }
});

test('repeated requests are all kept in order', async () => {
  const { text } = await convert(casePath('repeats'), 'postman');
  const { item } = JSON.parse(text) as { item: { name: string; request: { method: string } }[] };
  expect(item.map((one) => [one.name, one.request.method])).toEqual([
    ['1 Read', 'GET'],
    ['2 Delete', 'DELETE'],
    ['3 Read, gone', 'GET'],
  ]);
  const har = JSON.parse((await convert(casePath('repeats'), 'har')).text);
  expect(har.log.entries).toHaveLength(3);
  const curl = (await convert(casePath('repeats'), 'curl')).text;
  expect(curl.match(/^curl /gm)).toHaveLength(3);
});

test('an item keeps its own request, and an example keeps the request that it answered', async () => {
  const { text } = await convert(casePath('own-request'), 'postman');
  const [item] = JSON.parse(text).item;
  expect(item.request.url).toBe('https://a.test/search?q=new&limit=10');
  expect(item.response).toMatchObject([
    { name: 'old', originalRequest: { url: 'https://a.test/search?q=old' } },
  ]);
  const { log } = JSON.parse((await convert(casePath('own-request'), 'har')).text);
  const asked = log.entries.map((one: { request: { url: string } }) => one.request.url);
  expect(asked).toEqual([
    'https://a.test/search?q=new&limit=10',
    'https://a.test/search?q=old',
  ]);
});

test('methods are in capitals in every format', async () => {
  const { text } = await convert(casePath('lower-case-method'), 'postman');
  expect(JSON.parse(text).item[0].request.method).toBe('POST');
  const { folder } = await convertToFolder(casePath('lower-case-method'));
  expect(await meaningOf(folder)).toMatchObject([{}, { request: { method: 'POST' } }, 'end', {}]);
  const file = (await convert(casePath('lower-case-method'), 'http')).text;
  expect(file).toContain('\nPOST https://a.test/things\n');
});

test.each(['curl', 'http', 'openapi', 'har'] as const)(
  'disabled parts are left out of %s with a message',
  async (format) => {
    const { text, losses } = await convert(casePath('disabled'), format);
    expect(text).not.toContain('X-Debug');
    expect(text).not.toContain('sort');
    expect(losses).toEqual([
      { kind: 'disabled parameters, headers and bodies', place: ['List'] },
      { kind: 'disabled parameters, headers and bodies', place: ['List'] },
    ]);
  },
);

test.each(['curl', 'http', 'openapi', 'har'] as const)(
  'a request without a URL is left out of %s with a message',
  async (format) => {
    const { text, losses } = await convert(casePath('empty-url'), format);
    expect(text).toContain(format === 'openapi' ? '/x:' : 'https://a.test/x');
    expect(text).not.toContain('New Request');
    expect(losses).toEqual([{ kind: 'requests without a URL', place: ['New Request'] }]);
  },
);

test('the variables of a path keep their values and descriptions', async () => {
  const { text } = await convert(casePath('path-variables'), 'postman');
  expect(JSON.parse(text).item[0].request.url.variable).toEqual([
    { key: 'id', value: '7', description: 'who' },
    { key: 'post', value: '', description: 'which' },
  ]);
});
