import { expect, test } from 'vitest';
import { convertedTo, exchangesIn, harEntry } from '../helpers/cases.ts';

test('the fragment of a URL is not part of the request, in any format', async () => {
  const [exchange] = await exchangesIn('har-fragment/in.har');
  expect(exchange?.request.url).toBe('https://a.test/app/page?x=1');
  for (const format of ['har', 'postman', 'curl', 'http', 'openapi', 'postman-v1'] as const)
    expect(await convertedTo(format, 'har-fragment/in.har')).not.toContain('section-2');
});

test.each([
  ['https://a.test/#', 'https://a.test/'],
  ['https://a.test#top', 'https://a.test'],
  ['https://a.test/#/route?x=1', 'https://a.test/'],
  ['https://a.test/p?x=%23#a#b', 'https://a.test/p?x=%23'],
  ['wss://a.test/live#x', 'https://a.test/live'],
])('of %s the request is %s', async (url, sent) => {
  const [exchange] = await exchangesIn([harEntry({ request: { url } })]);
  expect(exchange?.request.url).toBe(sent);
});

test('requests that pmproxy recorded are unchanged', async () => {
  const own = { request: { url: 'https://a.test/a#b' }, _outcome: { kind: 'completed' } };
  const [exchange] = await exchangesIn([harEntry(own)]);
  expect(exchange?.request.url).toBe('https://a.test/a#b');
});
