import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { type Collection, itemsIn, render, renderText } from '../helpers/collections.ts';
import { startEchoServer } from '../helpers/echo-server.ts';
import { exchange } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { runCollection } from '../helpers/runners.ts';

const BEARER: Header = ['Authorization', 'Bearer q7Rk2mX9vB4tL0pZ'];
const basic = (text: string): Header => [
  'Authorization',
  `Basic ${Buffer.from(text).toString('base64')}`,
];

const asked = (path: string, ...headers: Header[]) =>
  exchange({ url: `http://api.test${path}`, headers: [...headers, ['X-Other', 'kept']] });

const OPTIONS = { sharedAuth: true, group: 'auto' } as const;

async function authOf(header: Header, secrets: 'redact' | 'keep' = 'redact') {
  const collection = await render([asked('/a', header), asked('/b', header)], {
    ...OPTIONS,
    secrets,
  });
  return { ...collection, headers: headersIn(collection) };
}

const headersIn = (collection: Pick<Collection, 'item'>) =>
  itemsIn(collection).map(({ request }) => request.header.map(({ key }) => key));

test.each<[Header, string, [string, string][]]>([
  [BEARER, 'bearer', [['token', '{{bearer_token}}']]],
  [
    basic('ada:swordfish'),
    'basic',
    [
      ['username', 'ada'],
      ['password', '{{password}}'],
    ],
  ],
  [
    ['X-Api-Key', 'k3y-9f8e7d6c5b4a39281706'],
    'apikey',
    [
      ['key', 'X-Api-Key'],
      ['value', '{{api_key}}'],
      ['in', 'header'],
    ],
  ],
  [
    ['Authorization', 'Digest username="ada", realm="r", nonce="n", uri="/a", response="x"'],
    'digest',
    [
      ['username', 'ada'],
      ['realm', 'r'],
      ['password', '{{digest_password}}'],
    ],
  ],
])('%s is declared once for all requests as %s', async (header, type, attributes) => {
  const { auth, headers, variable } = await authOf(header);
  const written = attributes.map(([key, value]) => ({ key, value, type: 'string' }));
  expect(auth).toEqual({ type, [type]: written });
  expect(headers).toEqual([['X-Other'], ['X-Other']]);
  const names = attributes.flatMap(([, value]) => /\{\{(\w+)\}\}/.exec(value)?.[1] ?? []);
  expect(variable.map(({ key }) => key)).toEqual(expect.arrayContaining(names));
});

const digest = (nonce: string, algorithm = ''): Header => [
  'Authorization',
  `Digest username="ada", realm="r", nonce="${nonce}", uri="/a"${algorithm}, response="x${nonce}"`,
];

test('Digest repeats its challenge and is declared even for a single item', async () => {
  const recording = ['n1', 'n2'].map((nonce) => asked('/a', digest(nonce)));
  const collection = await render(recording, OPTIONS);
  expect(collection.item).toHaveLength(1);
  expect(collection.auth).toMatchObject({ type: 'digest' });
  expect(JSON.stringify(collection)).not.toContain('Authorization');
  const again = [asked('/a', digest('n3'))];
  expect(itemsIn(await render(again, OPTIONS))[0]?.id).toBe(itemsIn(collection)[0]?.id);
});

test.each([
  [', algorithm=SHA-256', 'SHA-256'],
  [', algorithm="md5-sess"', 'MD5-sess'],
])('Digest with%s is calculated with %s', async (written, algorithm) => {
  const { auth } = await authOf(digest('n', written));
  expect(JSON.stringify(auth)).toContain(`{"key":"algorithm","value":"${algorithm}"`);
});

test('an algorithm that no runner supports stays in the header', async () => {
  const { auth, headers } = await authOf(digest('n', ', algorithm=SHA3-256'));
  expect(auth).toBeUndefined();
  expect(headers[0]).toContain('Authorization');
});

test('challenged and repeated requests are written once unless all are asked for', async () => {
  const challenge: Header = ['WWW-Authenticate', 'Digest realm="r", nonce="n"'];
  const recording = [
    exchange({ url: 'http://api.test/a', response: { status: 401, headers: [challenge] } }),
    exchange({ url: 'http://api.test/a', headers: [digest('n')] }),
  ];
  const codesOf = async (options: object) =>
    itemsIn(await render(recording, options)).map(({ response }) =>
      response.map(({ code }) => code),
    );
  expect(await codesOf({})).toEqual([[200]]);
  expect(await codesOf({ shape: 'endpoints' })).toEqual([[200]]);
  expect(await codesOf({ dedupe: false })).toEqual([[401], [200]]);
});

test('a key that goes as a user name is a secret', async () => {
  const { auth } = await authOf(basic('sk_live_4eC39HqLyjWDarjtT1zdp7dc:'));
  expect(JSON.stringify(auth)).not.toContain('4eC39');
});

test('auth has the values of secrets when they are kept', async () => {
  const { auth } = await authOf(basic('ada:swordfish'), 'keep');
  expect(JSON.stringify(auth)).toContain('swordfish');
});

test('a folder declares the auth that not all requests of the collection share', async () => {
  const recording = [
    asked('/health'),
    asked('/users/1', BEARER),
    asked('/users/2', BEARER),
    asked('/orders/1', BEARER),
    asked('/orders/2', basic('ada:swordfish')),
  ];
  const collection = await render(recording, OPTIONS);
  expect(collection.auth).toBeUndefined();
  expect(collection.item).toMatchObject([
    { name: 'GET /health' },
    { name: 'users', auth: { type: 'bearer' } },
    { name: 'orders' },
  ]);
  expect(collection.item[2]).not.toHaveProperty('auth');
  const own = ['Authorization', 'X-Other'];
  expect(headersIn(collection)).toEqual([['X-Other'], ['X-Other'], ['X-Other'], own, own]);
});

test('an item keeps its id, wherever its auth is declared', async () => {
  const recording = [asked('/a', BEARER), asked('/b', BEARER)];
  const idsIn = async (sharedAuth: boolean) =>
    itemsIn(await render(recording, { sharedAuth })).map(({ id }) => id);
  expect(await idsIn(true)).toEqual(await idsIn(false));
});

test.each<{ header: Header }>([
  { header: BEARER },
  { header: basic('ada:sword:fish') },
  { header: ['X-Api-Key', 'k3y-9f8e7d6c5b4a39281706'] },
])('a run sends $header as it was recorded', async ({ header: [name, value] }) => {
  const { origin, seen } = await startEchoServer();
  const headers: Header[] = [
    ['Host', 'api.test'],
    [name, value],
  ];
  const recording = ['/a', '/b'].map((path) => exchange({ url: origin + path, headers }));
  const file = join(await newFolder(), 'auth.json');
  await writeFile(file, await renderText(recording, { ...OPTIONS, secrets: 'keep' }));
  expect(await render(recording, OPTIONS)).toHaveProperty('auth');
  await runCollection('newman', file);
  const sent = seen.map((request) =>
    request.headers
      .filter(([key]) => key.toLowerCase() === name.toLowerCase())
      .map(([, text]) => text),
  );
  expect(sent).toEqual([[value], [value]]);
});
