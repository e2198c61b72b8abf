import { expect, test } from 'vitest';
import { itemsIn, render } from '../helpers/collections.ts';
import { type ExchangeParts, exchange } from '../helpers/exchanges.ts';

const JSON_ANSWER = { headers: [['Content-Type', 'application/json']] } as const;

function user(id: number, parts: ExchangeParts = {}) {
  const response = { ...JSON_ANSWER, body: JSON.stringify({ id, name: `User ${id}` }) };
  return exchange({ url: `http://api.test/users/${id}`, response, ...parts });
}

test('fifty users are one item with a path variable and one example', async () => {
  const calls = Array.from({ length: 50 }, (_, index) => user(index + 1));
  const { item } = await render(calls, { shape: 'endpoints' });
  expect(item).toHaveLength(1);
  expect(item[0]).toMatchObject({
    name: 'GET /users/:userId',
    request: {
      url: {
        raw: '{{baseUrl}}/users/:userId',
        path: ['users', ':userId'],
        variable: [{ key: 'userId', value: '1', description: 'A number, for example 1, 2, 3' }],
      },
    },
  });
  expect(item[0]!.response).toHaveLength(1);
});

test('each distinct answer is an example, with the request that it answered', async () => {
  const missing = { ...JSON_ANSWER, status: 404, body: '{"error":"no user 9"}' };
  const { item } = await render([user(9, { response: missing }), user(1), user(2)], {
    shape: 'endpoints',
  });
  expect(item[0]!.request.url.variable![0]!.value).toBe('1');
  expect(
    item[0]!.response.map(({ code, originalRequest }) => [code, originalRequest.url.raw]),
  ).toEqual([
    [200, '{{baseUrl}}/users/1'],
    [404, '{{baseUrl}}/users/9'],
  ]);
});

test('query parameters of all calls are listed, and those that the first call lacked are disabled', async () => {
  const urls = ['page=1', 'page=2&sort=name', 'page=3&token=s3cr3tValue99'];
  const calls = urls.map((query) => exchange({ url: `http://api.test/users?${query}` }));
  const { item } = await render(calls, { shape: 'endpoints', redact: ['token'] });
  expect(item[0]!.request.url.raw).toBe('{{baseUrl}}/users?page=1');
  expect(item[0]!.request.url.query).toEqual([
    { key: 'page', value: '1' },
    { key: 'sort', value: 'name', disabled: true },
    { key: 'token', value: '{{token}}', disabled: true },
  ]);
});

test('a stated template takes precedence, and operations of one URL are separate items', async () => {
  const stated = [['users', { parameter: 'name' }]];
  const call = (query: string) =>
    exchange({
      url: 'http://api.test/graphql',
      headers: [['Content-Type', 'application/json']],
      body: JSON.stringify({ query }),
    });
  const calls = [
    ...['ada', 'bob'].map((name) => exchange({ url: `http://api.test/users/${name}` })),
    ...['query A { a }', 'query B { b }', 'query A { a b }'].map(call),
  ];
  const collection = await render(calls, { shape: 'endpoints', templates: stated });
  expect(itemsIn(collection).map(({ name }) => name)).toEqual(['GET /users/:name', 'A', 'B']);
});

test('folders hold their items at every depth', async () => {
  const paths = ['/users', '/users/1/orders', '/users/1/orders/2', '/health'];
  const calls = paths.map((path) => exchange({ url: `http://api.test${path}` }));
  const { item } = await render(calls, { group: 'auto' });
  expect(item).toMatchObject([
    {
      name: 'users',
      item: [
        { name: 'GET /users' },
        {
          name: 'orders',
          item: [
            { name: 'GET /users/:userId/orders' },
            { name: 'GET /users/:userId/orders/:orderId' },
          ],
        },
      ],
    },
    { name: 'GET /health' },
  ]);
});
