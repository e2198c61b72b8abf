import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Exchange, headerValue, responseOf } from '../../src/exchange.ts';
import { folderWith, open, openContent } from '../helpers/inputs.ts';

type Parts = { readonly [key: string]: unknown };

const collection = (item: unknown, more: Parts = {}) => ({
  info: {
    name: 'c',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  item,
  ...more,
});

const list = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

/** The exchange of a collection's only call. */
async function only(item: Parts, more?: Parts): Promise<Exchange> {
  const input = await openContent(collection([item], more));
  expect(input.size).toBe(1);
  for await (const exchange of input.read()) return exchange;
  throw new Error('nothing was read');
}

const sent = async ({ request }: Exchange) =>
  Buffer.from((await request.body?.bytes()) ?? []).toString('latin1');

describe('a URL', () => {
  const api = 'http://api.test';
  test.each<[string, unknown, string]>([
    ['as a text', `${api}/a?b=%20c`, `${api}/a?b=%20c`],
    [
      'as parts, which count before raw',
      { raw: `${api}/a`, host: ['b'], path: ['c'] },
      'http://b/c',
    ],
    ['as parts that have it raw alone', { raw: `${api}/a?x=1` }, `${api}/a?x=1`],
    [
      'as parts alone',
      {
        protocol: 'https',
        host: ['api', 'test'],
        port: '81',
        path: ['a', { value: 'b' }],
        query: [
          { key: 'x', value: '1' },
          { key: 'off', value: '', disabled: true },
          { key: 'n', value: null },
        ],
      },
      'https://api.test:81/a/b?x=1&n',
    ],
    ['without a scheme', 'api.test/a', 'http://api.test/a'],
    ['with what no request line holds', `${api}/ü x/{{a b}}`, `${api}/%C3%BC%20x/{{a b}}`],
    ['with variables, one made of another', '{{base}}/{{id}}', 'https://api.test/v1/42'],
    [
      'with unknown, blank and dynamic variables',
      '{{base}}/{{no}}/{{blank}}/{{$guid}}',
      'https://api.test/v1/{{no}}/{{blank}}/{{$guid}}',
    ],
    [
      'with path variables',
      {
        host: ['api', 'test'],
        path: [':id', ':other', ':id.json'],
        query: list({ t: ':id' }),
        variable: list({ id: '{{id}}', other: '' }),
      },
      `${api}/42/:other/42.json?t=:id`,
    ],
    ['of a WebSocket', 'wss://api.test/live', 'https://api.test/live'],
  ])('%s', async (_, url, expected) => {
    const variable = list({ base: 'https://{{host}}/v1', host: 'api.test', id: '42', blank: '' });
    const { request } = await only({ request: { url } }, { variable });
    expect(request.url).toBe(expected);
    expect(request.method).toBe('GET');
  });
});

describe('a body', () => {
  test.each<[string, Parts, string, string | undefined]>([
    ['raw', { mode: 'raw', raw: '{"a":"{{v}}"}' }, '{"a":"val ue&"}', 'text/plain'],
    [
      'raw in a language',
      { mode: 'raw', raw: '{}', options: { raw: { language: 'json' } } },
      '{}',
      'application/json',
    ],
    [
      'urlencoded',
      {
        mode: 'urlencoded',
        urlencoded: [
          ...list({ a: '{{v}}', 'b c': '{{no}}' }),
          { key: 'off', value: '1', disabled: true },
        ],
      },
      'a=val+ue%26&b+c={{no}}',
      'application/x-www-form-urlencoded',
    ],
    [
      'graphql',
      {
        mode: 'graphql',
        graphql: { query: '{a}', operationName: 'o', variables: '{"x":"{{v}}"}' },
      },
      '{"query":"{a}","operationName":"o","variables":{"x":"val ue&"}}',
      'application/json',
    ],
    ['switched off', { mode: 'raw', raw: 'x', disabled: true }, '', undefined],
  ])('%s', async (_, body, expected, type) => {
    const exchange = await only(
      { request: { method: 'POST', url: 'http://api.test', body } },
      { variable: list({ v: 'val ue&' }) },
    );
    expect(await sent(exchange)).toBe(expected);
    expect(headerValue(exchange.request.headers, 'content-type')).toBe(type);
  });

  const multipart = {
    mode: 'formdata',
    formdata: [
      { key: 'a"b', value: '1', type: 'text' },
      { key: 'f', type: 'file', src: 'data/x.bin', contentType: 'image/png' },
      { key: 'g', type: 'file', src: null },
      { key: 'off', value: '', disabled: true },
    ],
  };
  const written = (boundary: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="a%22b"\r\n\r\n1\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\nContent-Type: image/png\r\n\r\n\r\n` +
    `--${boundary}--\r\n`;

  test('of parts and files has the names of files, which are not read', async () => {
    const header = [{ key: 'content-type', value: 'multipart/form-data; boundary=own' }];
    const requests = [
      { method: 'POST', url: 'http://api.test', body: multipart },
      { method: 'POST', url: 'http://api.test', body: multipart, header },
      ...['data/x.bin', 'no.bin', '/etc/hostname'].map((src) => ({
        method: 'PUT',
        url: 'http://api.test',
        body: { mode: 'file', file: { src } },
      })),
    ];
    const folder = await folderWith({
      'c.json': collection(requests.map((request) => ({ request }))),
      'data/x.bin': Buffer.from([0, 255]),
    });
    const bodies: string[] = [];
    const types: unknown[] = [];
    for await (const exchange of (await open(join(folder, 'c.json'))).read()) {
      bodies.push(await sent(exchange));
      types.push(headerValue(exchange.request.headers, 'content-type'));
      expect(exchange.request.body?.size ?? 0).toBe(bodies.at(-1)?.length);
    }
    const boundary = /boundary=(.*)/.exec(String(types[0]))?.[1] ?? '';
    expect(boundary).toMatch(/^pmproxy-[0-9a-f]{16}$/);
    const named = `multipart/form-data; boundary=${boundary}`;
    expect(types.slice(0, 3)).toEqual([named, header[0]?.value, undefined]);
    expect(bodies).toEqual([written(boundary), written('own'), '', '', '']);
  });
});

describe('an auth helper becomes what it sends:', () => {
  const array = (type: string, values: Readonly<Record<string, string>>) => ({
    type,
    [type]: list(values),
  });
  test.each<[string, Parts, string | undefined, string]>([
    [
      'basic',
      array('basic', { username: 'ü', password: '{{p}}' }),
      `Basic ${Buffer.from('ü:pw').toString('base64')}`,
      '',
    ],
    [
      'basic with a variable that nobody knows',
      array('basic', { username: 'u', password: '{{no}}' }),
      'Basic u:{{no}}',
      '',
    ],
    [
      'bearer as version 2.0 writes it',
      { type: 'bearer', bearer: { token: '{{p}}' } },
      'Bearer pw',
      '',
    ],
    ['oauth2', array('oauth2', { accessToken: 't', headerPrefix: 'Token' }), 'Token t', ''],
    [
      'oauth2 in the query',
      array('oauth2', { accessToken: 't', addTokenTo: 'queryParams' }),
      undefined,
      '&access_token=t',
    ],
    [
      'an API key in the query',
      array('apikey', { key: 'k', value: '{{p}}', in: 'query' }),
      undefined,
      '&k=pw',
    ],
    ['an API key in a header', array('apikey', { key: 'authorization', value: 'x' }), 'x', ''],
    ['signatures, which cannot be known', array('awsv4', { accessKey: 'x' }), undefined, ''],
    ['none', { type: 'noauth' }, undefined, ''],
  ])('%s', async (_, auth, header, query) => {
    const outer = { auth: array('bearer', { token: 'outer' }), variable: list({ p: 'pw' }) };
    const { request } = await only({ request: { url: 'http://a.test/?a', auth } }, outer);
    expect(headerValue(request.headers, 'authorization')).toBe(header);
    expect(request.url).toBe(`http://a.test/?a${query}`);
  });

  test('of the nearest folder replaces a header of the request', async () => {
    const item = (header: unknown) => ({ request: { url: 'http://a.test', header } });
    const folder = {
      item: [item('Authorization: own'), item([])],
      auth: array('bearer', { token: 'folder' }),
    };
    const input = await openContent(
      collection([folder, item(null)], { auth: array('bearer', { token: 'all' }) }),
    );
    const values: unknown[] = [];
    for await (const { request } of input.read())
      values.push(headerValue(request.headers, 'authorization'));
    expect(values).toEqual(['Bearer folder', 'Bearer folder', 'Bearer all']);
  });
});

test('each example is an exchange with its request and response', async () => {
  const original = {
    method: 'PUT',
    url: 'http://a.test/2',
    header: [
      { key: 'X', value: '1' },
      { key: 'Y', value: '', disabled: true },
    ],
  };
  const input = await openContent(
    collection(
      [
        {
          request: { method: 'POST', url: 'http://a.test/1' },
          response: [
            {
              originalRequest: original,
              code: 201,
              status: 'Created',
              header: 'A: b\nContent-Type: text/plain; charset=latin1',
              body: 'é',
              responseTime: 7,
            },
            { code: 204, status: 'No Content', header: [{ key: 'A', value: '{{x}}' }], body: null },
          ],
        },
        { request: 'http://a.test/3' },
      ],
      { variable: list({ x: 'never' }) },
    ),
  );
  const found: Exchange[] = [];
  for await (const exchange of input.read()) found.push(exchange);
  expect(found).toMatchObject([
    {
      request: { method: 'PUT', url: 'http://a.test/2', headers: [['X', '1']] },
      timings: { endMs: 7 },
    },
    {
      request: { method: 'POST', url: 'http://a.test/1' },
      outcome: { response: { status: 204, headers: [['A', '{{x}}']] } },
    },
    { request: { method: 'GET', url: 'http://a.test/3' }, outcome: { kind: 'completed' } },
  ]);
  expect(found.map(({ outcome }) => responseOf(outcome)?.status)).toEqual([201, 204, undefined]);
  expect(await responseOf(found[0]!.outcome)?.body?.bytes()).toEqual(Buffer.from('é', 'latin1'));
});

test.each<[string, unknown, string]>([
  ['no JSON', '{"info":{},"item":[}', "Unexpected token '}'."],
  [
    'a version that is not known',
    {
      info: { schema: 'https://schema.getpostman.com/json/collection/v3.0.0/collection.json' },
      item: [],
    },
    'info.schema names version 3.0.0; files of versions 1, 2.0 and 2.1 are supported.',
  ],
  ['no items', { info: {} }, 'item is missing.'],
  [
    'an item that is none',
    collection([{ request: 'http://a.test' }, 7]),
    'item[1] must be an object, not a number.',
  ],
  [
    'a folder with a bad item',
    collection([{ item: [{ request: { url: 7 } }] }]),
    'item[0].item[0].request.url must be a string, not a number.',
  ],
  [
    'a version 1 request that is none',
    { requests: [7] },
    'requests[0] must be an object, not a number.',
  ],
])('%s is a fault that names its place', async (_, content, message) => {
  await expect(openContent(content)).rejects.toThrow(
    new RegExp(`input(?:, line 1)?: ${message.replace(/[[\]{}]/g, '\\$&')}`),
  );
});

test('everything except the faulty part is read', async () => {
  const faults: string[] = [];
  const bad = collection([{ request: { url: [] } }, { request: 'http://a.test' }, null]);
  const input = await openContent(bad, ({ message }) => faults.push(message));
  expect(input.size).toBe(1);
  expect(faults).toEqual([
    expect.stringContaining('item[0].request.url'),
    expect.stringContaining('item[2]'),
  ]);
});

test('faulty files of a collection in files are left out one by one', async () => {
  const request = (url: string) => `$kind: http-request\nurl: ${url}\n`;
  const folder = await folderWith({
    '.resources/definition.yaml': 'variables: [',
    'a.request.yaml': request('http://a.test/1'),
    'b.request.yaml': 'url: [',
    'c.request.yaml': '- method: GET',
    'd/.resources/definition.yaml': 'order: 5',
    'd/.resources/a.resources/examples/x.example.yaml': 'just text',
    'd/a.request.yaml': request('http://a.test/2'),
    'd/b.request.yaml': request('http://a.test/3'),
    'e/.resources/definition.yaml': 'just text',
    'e/a.request.yaml': request('http://a.test/4'),
    'notes.md': '# Not of the collection',
  });
  const faults: string[] = [];
  const input = await open(folder, ({ message }) => faults.push(message.replace(folder, 'c')));
  const urls: string[] = [];
  for await (const { request } of input.read()) urls.push(request.url);
  expect(urls).toEqual([1, 4, 2, 3].map((n) => `http://a.test/${n}`));
  expect(faults).toEqual([
    expect.stringMatching(/^c: \.resources\/definition\.yaml: Flow sequence .*\d\.$/),
    expect.stringMatching(/^c: b\.request\.yaml: Flow sequence/),
    expect.stringMatching(/^c: c\.request\.yaml must be an object/),
    expect.stringMatching(/^c: e\/\.resources\/definition\.yaml must be an object/),
    expect.stringMatching(
      /^c: d\/\.resources\/a\.resources\/examples\/x\.example\.yaml must be an object/,
    ),
  ]);
});

test('a file of PostmanProxy (2013) can be read', async () => {
  const request = {
    id: 'r1',
    collectionId: 'c',
    name: '/',
    description: '',
    method: 'POST',
    version: 2,
    responses: [],
  };
  const file = {
    id: 'c',
    name: 'old',
    order: ['r2', 'r1'],
    folders: [],
    timestamp: 1_384_000_000,
    synced: false,
    requests: [
      {
        ...request,
        url: 'http://a.test/1',
        headers: 'X-A: 1\nX-A: 2\n',
        data: 'raw',
        dataMode: 'raw',
        timestamp: 1_384_000_000,
      },
      {
        ...request,
        id: 'r2',
        url: 'http://a.test/2',
        headers: '',
        data: [{ key: 'a', value: 'b c', type: 'text' }],
        dataMode: 'urlencoded',
      },
      { ...request, id: 'r3', url: 'http://a.test/3', headers: '', data: [], dataMode: 'params' },
    ],
  };
  const folder = await folderWith({});
  const path = join(folder, 'old.postman_collection');
  await writeFile(path, JSON.stringify(file));
  const found: Exchange[] = [];
  for await (const exchange of (await open(path)).read()) found.push(exchange);
  expect(found.map(({ request: { url } }) => url)).toEqual(
    [2, 1, 3].map((n) => `http://a.test/${n}`),
  );
  expect(await Promise.all(found.map(sent))).toEqual(['a=b+c', 'raw', '']);
  expect(found[1]?.request.headers).toEqual([
    ['X-A', '1'],
    ['X-A', '2'],
    ['Content-Type', 'text/plain'],
  ]);
  expect(found[1]?.startedAt).toBe(1_384_000_000_000);
});
