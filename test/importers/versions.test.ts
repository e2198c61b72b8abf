import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import transformer from 'postman-collection-transformer';
import { describe, expect, test } from 'vitest';
import { folderWith, open } from '../helpers/inputs.ts';
import { migrateCollection } from '../helpers/runners.ts';
import { allSpelledOut } from '../helpers/spelled-out.ts';

const list = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const json = { raw: { language: 'json' } };
const header = list({ 'Content-Type': 'application/json', X: 'a: b' });

/** What every version has a place for. */
const collection = {
  info: {
    name: 'Shop',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: { type: 'bearer', bearer: list({ token: '{{token}}' }) },
  variable: list({ baseUrl: 'https://api.test', token: 't0ken' }),
  item: [
    {
      name: 'People',
      auth: { type: 'basic', basic: list({ username: 'u', password: 'p' }) },
      item: [
        {
          name: 'Change',
          request: {
            method: 'PUT',
            header,
            url: {
              raw: '{{baseUrl}}/people/:id?a=1&a=2',
              host: ['{{baseUrl}}'],
              path: ['people', ':id'],
              query: [...list({ a: '1' }), ...list({ a: '2' })],
              variable: list({ id: '42' }),
            },
            body: { mode: 'raw', raw: '{"name":"Jürgen"}', options: json },
          },
          response: [
            {
              name: 'Changed',
              originalRequest: {
                method: 'PUT',
                header,
                url: {
                  raw: '{{baseUrl}}/people/42',
                  host: ['{{baseUrl}}'],
                  path: ['people', '42'],
                },
                body: { mode: 'raw', raw: '{}', options: json },
              },
              status: 'OK',
              code: 200,
              header: list({ 'Content-Type': 'application/json' }),
              body: '{"ok":true}',
            },
          ],
        },
        {
          name: 'Enter',
          request: {
            auth: { type: 'apikey', apikey: list({ key: 'X-Key', value: 'k' }) },
            method: 'POST',
            header: [],
            url: { raw: '{{baseUrl}}/enter', host: ['{{baseUrl}}'], path: ['enter'] },
            body: { mode: 'urlencoded', urlencoded: list({ name: 'a b', word: '&' }) },
          },
        },
      ],
    },
    {
      name: 'Upload',
      request: {
        method: 'POST',
        header: [],
        url: { raw: 'http://other.test/', protocol: 'http', host: ['other', 'test'], path: [''] },
        body: { mode: 'formdata', formdata: [{ key: 'a', value: '1', type: 'text' }] },
      },
    },
    {
      name: 'Ask',
      request: {
        method: 'POST',
        header: [],
        url: { raw: '{{baseUrl}}/graphql', host: ['{{baseUrl}}'], path: ['graphql'] },
        body: { mode: 'graphql', graphql: { query: '{people{id}}', variables: '{"n":1}' } },
      },
    },
  ],
};

type Exchanges = Awaited<ReturnType<typeof allSpelledOut>>;

const summary = (exchanges: Exchanges) =>
  exchanges.map(({ request, outcome: { answer } }) => ({
    asked: `${request.method} ${request.url}`,
    headers: request.headers,
    body: Buffer.from(request.body?.bytes ?? '', 'base64').toString(),
    answered: answer && `${answer.status} ${answer.statusText} ${answer.body?.bytes}`,
  }));

async function read(path: string) {
  return summary(await allSpelledOut(await open(path)));
}

async function readContent(content: unknown) {
  return read(join(await folderWith({ 'c.json': JSON.stringify(content) }), 'c.json'));
}

describe('one collection is the same exchanges', () => {
  test('in version 2.1', async () => {
    const expected = await readContent(collection);
    expect(expected.map(({ asked }) => asked)).toEqual([
      'PUT https://api.test/people/42?a=1&a=2',
      'PUT https://api.test/people/42',
      'POST https://api.test/enter',
      'POST http://other.test/',
      'POST https://api.test/graphql',
    ]);
    expect(expected[1]).toEqual({
      asked: 'PUT https://api.test/people/42',
      headers: [
        ['Content-Type', 'application/json'],
        ['X', 'a: b'],
        ['Authorization', `Basic ${btoa('u:p')}`],
      ],
      body: '{}',
      answered: `200 OK ${btoa('{"ok":true}')}`,
    });
  });

  // The converter has a way to 2.0 from 1.0 only.
  test.each([['1.0.0'], ['1.0.0', '2.0.0']])(
    'in version %s %s, as Postman converts it',
    async (...steps) => {
      const convert = promisify(transformer.convert);
      let converted: unknown = structuredClone(collection);
      let inputVersion = '2.1.0';
      for (const outputVersion of steps) {
        converted = await convert(converted, { inputVersion, outputVersion });
        inputVersion = outputVersion;
      }
      expect(await readContent(converted)).toEqual(await readContent(collection));
    },
  );

  test('in version 3, as the Postman CLI migrates it', { timeout: 180_000 }, async () => {
    const folder = await folderWith({ 'c.json': collection });
    await migrateCollection(join(folder, 'c.json'), join(folder, 'v3'));
    expect(await read(join(folder, 'v3'))).toEqual(await readContent(collection));
  });
});

test('the content of a file decides its format, whatever its name', async () => {
  const entry = {
    startedDateTime: '2024-01-01T00:00:00Z',
    request: { method: 'GET', url: 'http://api.test/' },
    response: { status: 200 },
  };
  const request = { id: '1', method: 'GET', url: 'http://api.test/' };
  const folder = await folderWith({
    'a.ndjson': { log: { entries: [entry] } },
    'b.har': entry,
    'c.postman_collection': { info: {}, item: [{ request: 'http://api.test/' }] },
    'd.har': { collection: { info: {}, item: [{ request: 'http://api.test/' }] } },
    'e.json': { id: 'c', requests: [request] },
    'f.har/.resources/definition.yaml': '$kind: collection',
    'f.har/a.request.yaml': 'url: http://api.test/',
  });
  for (const name of await readdir(folder))
    expect([name, (await read(join(folder, name))).map(({ asked }) => asked)]).toEqual([
      name,
      ['GET http://api.test/'],
    ]);
});
