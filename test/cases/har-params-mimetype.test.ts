import { expect, test } from 'vitest';
import { contentTypeOf } from '../../src/http/content-type.ts';
import { parseFormParts } from '../../src/http/multipart.ts';
import { type Exchange, headerValue, headerValues, responseOf } from '../../src/exchange.ts';
import { convertedTo, exchangesIn, harEntry, textOf } from '../helpers/cases.ts';

const typeOf = ({ request }: Exchange) => headerValue(request.headers, 'content-type');
const posted = (postData: object, headers: object[] = []) =>
  exchangesIn([harEntry({ request: { method: 'POST', headers, postData } })]);

async function partsOf({ request }: Exchange) {
  const boundary = contentTypeOf(request.headers)?.parameters.get('boundary') ?? '';
  const parts = parseFormParts(Buffer.from((await request.body?.bytes()) ?? []), boundary);
  return parts?.map(({ bytes, ...part }) => ({ ...part, text: bytes.toString() }));
}

test('the type of a body comes from postData when there is no header', async () => {
  const [form, multipart] = await exchangesIn('har-params-mimetype/in.har');
  expect(form && typeOf(form)).toBe('application/x-www-form-urlencoded');
  expect(await textOf(form?.request.body)).toBe('a=1');
  expect(multipart && typeOf(multipart)).toBe('multipart/form-data; boundary=xyz');
});

test('a multipart body with only its fields gets a new boundary', async () => {
  const [, multipart] = await exchangesIn('har-params-mimetype/no-boundary.har');
  expect(multipart && typeOf(multipart)).toMatch(/^multipart\/form-data; boundary=\S+$/);
  expect(multipart && (await partsOf(multipart))).toEqual([
    { name: 'f', fileName: 'x.txt', contentType: 'text/plain', text: 'hello' },
    { name: 'c', text: 'd' },
  ]);
});

test('the same fields get the same boundary', async () => {
  const [, first] = await exchangesIn('har-params-mimetype/no-boundary.har');
  const [, again] = await exchangesIn('har-params-mimetype/no-boundary.har');
  expect(first && typeOf(first)).toBe(again && typeOf(again));
});

test('a collection has the fields of such forms, not their text', async () => {
  const file = 'har-params-mimetype/no-boundary.har';
  const options = { group: 'none', attach: async (name: string) => name } as const;
  const { item } = JSON.parse(await convertedTo('postman', file, options));
  expect(item[0].request.body).toEqual({
    mode: 'urlencoded',
    urlencoded: [
      { key: 'a b', value: '1&2' },
      { key: 'c', value: 'é' },
    ],
  });
  expect(item[1].request.body.mode).toBe('formdata');
});

test('a header that says multipart without a boundary gets the boundary', async () => {
  const headers = [{ name: 'content-type', value: 'multipart/form-data' }];
  const params = [{ name: 'n', value: 7 }];
  const [exchange] = await posted({ mimeType: '', params }, headers);
  expect(headerValues(exchange?.request.headers ?? [], 'content-type')).toHaveLength(1);
  expect(exchange && (await partsOf(exchange))).toEqual([{ name: 'n', text: '7' }]);
});

test.each([
  ['', [{ name: 'a', value: '1' }], 'application/x-www-form-urlencoded'],
  ['', [{ name: 'a', fileName: 'a.txt', value: '1' }], 'multipart/form-data; boundary='],
  ['x-unknown', [{ name: 'a', value: '1' }], 'application/x-www-form-urlencoded'],
])('fields of the type %j are %j', async (mimeType, params, expected) => {
  const [exchange] = await posted({ mimeType, text: '', params });
  expect(exchange && typeOf(exchange)?.slice(0, expected.length)).toBe(expected);
});

test('a header takes precedence over postData', async () => {
  const headers = [{ name: 'Content-Type', value: 'application/vnd.api+json' }];
  const [exchange] = await posted({ mimeType: 'application/json', text: '{}' }, headers);
  expect(headerValues(exchange?.request.headers ?? [], 'content-type')).toEqual([
    'application/vnd.api+json',
  ]);
});

test('a type without a body adds no header', async () => {
  const [exchange] = await posted({ mimeType: 'application/json', text: '' });
  expect(exchange && typeOf(exchange)).toBeUndefined();
});

test('a query that is only in the query list becomes part of the URL', async () => {
  const url = async (request: object) =>
    (await exchangesIn([harEntry({ request })]))[0]?.request.url;
  const queryString = [
    { name: 'only', value: 'in list' },
    { name: 'n', value: 1 },
  ];
  const wanted = 'https://a.test/q?only=in%20list&n=1';
  expect(await url({ url: 'https://a.test/q', queryString })).toBe(wanted);
  expect(await url({ url: 'https://a.test/q#top', queryString })).toBe(wanted);
  expect(await url({ url: 'https://a.test/q?', queryString })).toBe('https://a.test/q?');
});

test('the type of a response comes from its content when there is no header', async () => {
  const content = { mimeType: 'application/json; charset=utf-8', text: '{}' };
  const headersOf = async (response: object) => {
    const [exchange] = await exchangesIn([harEntry({ response })]);
    return exchange && responseOf(exchange.outcome)?.headers;
  };
  expect(await headersOf({ content })).toEqual([['Content-Type', content.mimeType]]);
  // Browsers guess what a server does not say.
  const headers = [{ name: 'Server', value: 'x' }];
  expect(await headersOf({ content, headers })).toEqual([['Server', 'x']]);
  expect(await headersOf({ content: { ...content, mimeType: 'x-unknown' } })).toEqual([]);
});
