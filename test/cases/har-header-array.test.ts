import { expect, test } from 'vitest';
import { responseOf } from '../../src/exchange.ts';
import { convertedTo, exchangesIn, harEntry } from '../helpers/cases.ts';

test('a header whose value is a list becomes one header for each value', async () => {
  const [exchange] = await exchangesIn('har-header-array/in.har');
  expect(exchange?.request.headers).toContainEqual(['accept', 'application/json']);
  expect(await convertedTo('curl', 'har-header-array/in.har')).toContain(
    "-H 'accept: application/json'",
  );
});

test.each([
  [
    ['a=1', 'b=2'],
    ['a=1', 'b=2'],
  ],
  [
    [['a'], 7],
    ['["a"]', '7'],
  ],
  [[], []],
  [42, ['42']],
  [true, ['true']],
  [null, ['']],
  [undefined, ['']],
  [{ a: 1 }, ['{"a":1}']],
  ['a\nb', ['a', 'b']],
])('the value %j is the headers %j', async (value, values) => {
  const headers = [{ name: 'X-Some', value }];
  const [exchange] = await exchangesIn([harEntry({ request: { headers }, response: { headers } })]);
  const expected = values.map((one) => ['X-Some', one]);
  expect(exchange?.request.headers.filter(([name]) => name === 'X-Some')).toEqual(expected);
  expect(exchange && responseOf(exchange.outcome)?.headers).toEqual(expected);
});

test.each([
  ['200', 200],
  ['404 Not Found', 404],
  [' 304', 304],
  ['pending', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('the status %j is %j', async (status, expected) => {
  const [exchange] = await exchangesIn([harEntry({ response: { status } })]);
  expect(exchange && responseOf(exchange.outcome)?.status).toBe(expected);
});
