import { expect, test } from 'vitest';
import { type ChainTracker, trackChains } from '../../src/analysis/correlation/chains.ts';
import { issuedValuesIn } from '../../src/analysis/correlation/issued-values.ts';
import { usesIn } from '../../src/analysis/correlation/uses.ts';
import type { Header } from '../../src/exchange.ts';

const JSON_TYPE: Header = ['Content-Type', 'application/json'];
const FORM_TYPE: Header = ['Content-Type', 'application/x-www-form-urlencoded'];
const HTML_TYPE: Header = ['Content-Type', 'text/html'];
const UUID = '0b1f4d1c-8d52-4a6e-9f0e-2f3a4b5c6d7e';
const TOKEN = 'q7Rk2mX9vB4tL0pZ';

let place = 0;

/** An answer to a request for this path. */
function answer(chains: ChainTracker, path: string, body: unknown, ...headers: Header[]): void {
  const isText = typeof body === 'string';
  const type = isText ? HTML_TYPE : JSON_TYPE;
  const text = isText ? body : JSON.stringify(body);
  chains.answer(place++, issuedValuesIn({ path, headers: [type, ...headers], text }));
}

/** Where a request uses what came from where. */
function linksOf(
  chains: ChainTracker,
  path: string,
  headers: readonly Header[] = [],
  body?: string,
) {
  const url = `http://api.test${path}`;
  const uses = usesIn({ url, headers, body: body === undefined ? undefined : Buffer.from(body) });
  return chains.request(uses).map(({ at, from }) => ({ at, source: from.source, name: from.name }));
}

test('an opaque id that a response issues is found wherever it is used', () => {
  const chains = trackChains();
  answer(chains, '/products', { id: UUID });
  const source = { in: 'json', path: ['id'] };
  const from = { source, name: 'product_id' };
  expect(linksOf(chains, `/cart/${UUID}?p=${UUID}`)).toEqual([
    { at: { in: 'path', index: 1 }, ...from },
    { at: { in: 'query', name: 'p' }, ...from },
  ]);
  expect(
    linksOf(chains, '/cart', [JSON_TYPE], JSON.stringify({ items: [{ what: UUID }] })),
  ).toEqual([{ at: { in: 'json', path: ['items', 0, 'what'] }, ...from }]);
  expect(linksOf(chains, '/cart', [FORM_TYPE], `what=${UUID}`)).toEqual([
    { at: { in: 'field', name: 'what' }, ...from },
  ]);
});

test('an opaque id is found inside a longer segment or parameter that is not a value itself', () => {
  const chains = trackChains();
  const [first, second] = [`a${TOKEN}`, `b${TOKEN}`];
  answer(chains, '/files', { ids: [first, second], all: `${first},${second}` });
  const placesOf = (path: string) =>
    linksOf(chains, path).map(({ at, source }) => [at.in, 'path' in source && source.path.join()]);
  expect(placesOf(`/files/${first}.pdf`)).toEqual([['path', 'ids,0']]);
  expect(placesOf(`/Files(%27${second}%27)`)).toEqual([['path', 'ids,1']]);
  expect(placesOf(`/files?id=${second}%2c${first}`)).toEqual([
    ['query', 'ids,1'],
    ['query', 'ids,0'],
  ]);
  expect(placesOf(`/files/1.${TOKEN}`)).toEqual([]);
  const whole = trackChains();
  answer(whole, '/login', { token: `${first}.${second}`, id: first });
  expect(linksOf(whole, `/check?token=${first}.${second}`)).toMatchObject([{ name: 'token' }]);
});

test('a plain id counts only for the resource that it was issued for', () => {
  const chains = trackChains();
  answer(chains, '/users', { id: 17, age: 42 });
  expect(linksOf(chains, '/users/17')).toMatchObject([{ name: 'user_id' }]);
  expect(linksOf(chains, '/orders?userId=17')).toMatchObject([{ at: { in: 'query' } }]);
  expect(linksOf(chains, '/orders', [JSON_TYPE], '{"user":{"id":17}}')).toHaveLength(1);
  expect(linksOf(chains, '/orders/17')).toEqual([]);
  expect(linksOf(chains, '/users?page=17')).toEqual([]);
  expect(linksOf(chains, '/users/42')).toEqual([]);
});

test('ids in lists belong to the list, wherever the list is', () => {
  const chains = trackChains();
  answer(chains, '/search', { users: [{ id: 1 }, { id: 2 }] });
  expect(linksOf(chains, '/users/2')).toEqual([
    {
      at: { in: 'path', index: 1 },
      source: { in: 'json', path: ['users', 1, 'id'] },
      name: 'user_id',
    },
  ]);
});

test('tokens are found after their scheme, in headers of their own and as entity tags', () => {
  const chains = trackChains();
  answer(
    chains,
    '/login',
    { accessToken: TOKEN },
    ['X-CSRF-Token', `c${TOKEN}`],
    ['ETag', `"${UUID}"`],
  );
  expect(linksOf(chains, '/me', [['Authorization', `Bearer ${TOKEN}`]])).toMatchObject([
    { at: { in: 'header', name: 'Authorization' }, name: 'accessToken' },
  ]);
  expect(linksOf(chains, '/me', [['X-CSRF-Token', `c${TOKEN}`]])).toMatchObject([
    { source: { in: 'header', name: 'X-CSRF-Token' } },
  ]);
  expect(linksOf(chains, '/me', [['If-Match', `"${UUID}"`]])).toMatchObject([
    { source: { in: 'header', name: 'ETag' } },
  ]);
});

test('a page, a cookie and a redirect can issue a token as well', () => {
  const chains = trackChains();
  const page = `<meta content='m${TOKEN}' name="csrf-token"><input type=hidden value="i${TOKEN}" name="_csrf">`;
  answer(chains, '/cart', page, ['Set-Cookie', `XSRF=x${TOKEN}; Path=/`]);
  answer(chains, '/orders', '', ['Location', '/orders/12?new']);
  expect(linksOf(chains, '/cart', [FORM_TYPE], `_csrf=i${TOKEN}`)).toMatchObject([
    { source: { in: 'input', name: '_csrf' } },
  ]);
  expect(linksOf(chains, '/x', [['X-CSRF', `m${TOKEN}`]])).toMatchObject([
    { source: { in: 'meta', name: 'csrf-token' } },
  ]);
  expect(linksOf(chains, '/x', [['X-XSRF', `x${TOKEN}`]])).toMatchObject([
    { source: { in: 'cookie', name: 'XSRF' } },
  ]);
  expect(linksOf(chains, '/orders/12')).toMatchObject([{ source: { in: 'location' } }]);
});

test('a response that repeats a value of the client does not issue it', () => {
  const chains = trackChains();
  expect(linksOf(chains, `/carts/${UUID}`)).toEqual([]);
  answer(chains, '/carts', { id: UUID });
  expect(linksOf(chains, `/carts/${UUID}`)).toEqual([]);
});

test('the first response that issues a value is its source', () => {
  const chains = trackChains();
  answer(chains, '/products', { id: UUID });
  answer(chains, '/products', { items: [{ id: UUID }] });
  expect(linksOf(chains, `/products/${UUID}`)).toMatchObject([{ source: { path: ['id'] } }]);
});

test.each(['2024-05-01', '1.2.3', 'order-history', 'page-12', 'https://a.test/b1', 'true', '4'])(
  '%s is an ordinary word, date or number, not a token',
  (value) => {
    const chains = trackChains();
    answer(chains, '/things', { value });
    expect(linksOf(chains, `/x?value=${encodeURIComponent(value)}`)).toEqual([]);
  },
);

test('a value that is unused for long is forgotten, and a used one is remembered', () => {
  const chains = trackChains(8);
  const uses = (number: number) => linksOf(chains, '/x', [['X-Token', TOKEN + number]]).length;
  answer(chains, '/a', { used: `${TOKEN}1`, unused: `${TOKEN}2` });
  for (let number = 3; number < 20; number += 1) {
    answer(chains, '/a', { value: TOKEN + number });
    expect(uses(1)).toBe(1);
  }
  expect(uses(19)).toBe(1);
  expect(uses(2)).toBe(0);
});
