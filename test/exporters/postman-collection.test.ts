import { expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { render, renderText } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';

test('an empty recording is an empty collection', async () => {
  expect(await render([])).toMatchObject({ info: { name: 'recorded' }, item: [], variable: [] });
});

test('a collection is indented as by JSON.stringify', async () => {
  const text = await renderText([
    exchange({ method: 'patch', response: { body: 'a\n\tb' } }),
    exchange({ response: null }),
    exchange({ url: 'http://other.test/', webSocketMessages: 1 }),
    exchange({ response: { body: '1' } }),
  ]);
  expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, '\t')}\n`);
});

test('the only host is called baseUrl', async () => {
  const { item, variable } = await render([exchange({ url: 'https://api.test:81/a?b' })]);
  expect(variable).toEqual([{ key: 'baseUrl', value: 'https://api.test:81' }]);
  expect(item[0]!.request.url).toEqual({
    raw: '{{baseUrl}}/a?b',
    host: ['{{baseUrl}}'],
    path: ['a'],
    query: [{ key: 'b', value: null }],
  });
});

test('several hosts have a variable each, named after them', async () => {
  const urls = [
    'https://api.test/',
    'http://127.0.0.1:81/',
    'http://api.test/',
    'https://API.test/2',
  ];
  const { variable, item } = await render(urls.map((url) => exchange({ url })));
  expect(variable).toEqual([
    { key: 'api_test', value: 'https://api.test' },
    { key: 'host_127_0_0_1_81', value: 'http://127.0.0.1:81' },
    { key: 'api_test_2', value: 'http://api.test' },
  ]);
  expect(item[3]!.request.url.raw).toBe('{{api_test}}/2');
});

test('a name in braces in the recording is not used for a variable', async () => {
  const headers: Header[] = [
    ['X', '{{bearer_token}}'],
    ['Authorization', 'Bearer abc'],
  ];
  const { variable, item } = await render([exchange({ headers, body: 'see {{baseUrl}}' })]);
  expect(variable.map(({ key }) => key)).toEqual(['baseUrl_2', 'bearer_token_2']);
  expect(item[0]!.request.header[0]!.value).toBe('{{bearer_token}}');
});

test('secrets get the same variable everywhere and are declared without their values', async () => {
  const headers: Header[] = [
    ['Authorization', 'Bearer t0ken'],
    ['Cookie', 'sid=t0ken; theme=dark'],
  ];
  const told: [string, string][] = [];
  const { item, variable } = await render(
    [
      exchange({ headers }),
      exchange({ url: 'http://api.test/2', headers: [['authorization', 'Basic t0ken']] }),
      exchange({ url: 'http://api.test/3', headers: [['authorization', 'Bearer other']] }),
    ],
    { restrictedHeaders: true, onSecret: (name, value) => told.push([name, value]) },
  );
  expect(item.map(({ request }) => request.header.map(({ value }) => value))).toEqual([
    ['Bearer {{bearer_token}}', 'sid={{bearer_token}}; theme=dark'],
    ['Basic {{bearer_token}}'],
    ['Bearer {{bearer_token_2}}'],
  ]);
  expect(variable.slice(1)).toEqual([
    { key: 'bearer_token', value: '' },
    { key: 'bearer_token_2', value: '' },
  ]);
  expect(told).toEqual([
    ['bearer_token', 't0ken'],
    ['bearer_token_2', 'other'],
  ]);
});

test('secrets are kept when asked for', async () => {
  const { item, variable } = await render(
    [exchange({ headers: [['Authorization', 'Bearer t0ken']] })],
    { secrets: 'keep' },
  );
  expect(item[0]!.request.header[0]!.value).toBe('Bearer t0ken');
  expect(variable).toHaveLength(1);
});

test('WebSockets are listed in the description without their queries, and are not items', async () => {
  const { info, item, variable } = await render([
    exchange({ url: 'https://chat.test/room?x=s3cret', webSocketMessages: 12 }),
    exchange({ url: 'http://up.test/', response: { status: 101 } }),
  ]);
  expect(item).toEqual([]);
  expect(variable).toEqual([]);
  expect(info.description).toContain('- wss://chat.test/room: 12 messages');
  expect(info.description).toContain('- ws://up.test/');
  expect(info.description).not.toContain('s3cret');
});

test('ids are derived from content and do not change when other requests are added', async () => {
  const one = exchange({ url: 'http://api.test/one', response: { body: 'x' } });
  const alone = await render([one]);
  const { item } = await render([exchange({ url: 'http://api.test/zero' }), one]);
  expect(item[1]!.id).toBe(alone.item[0]!.id);
  expect(item[1]!.response[0]!.id).toBe(alone.item[0]!.response[0]!.id);
  expect(item[0]!.id).not.toBe(item[1]!.id);
  expect(item[0]!.id).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
