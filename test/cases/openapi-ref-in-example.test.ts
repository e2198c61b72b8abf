import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { complaintsAbout, convertedTo, harEntry } from '../helpers/cases.ts';

const answered = (value: unknown, mimeType = 'application/json') =>
  harEntry({
    response: {
      headers: [{ name: 'Content-Type', value: mimeType }],
      content: { mimeType, text: typeof value === 'string' ? value : JSON.stringify(value) },
    },
  });

async function mediaOf(entry: object, mimeType = 'application/json') {
  const { paths } = parse(await convertedTo('openapi', [entry]));
  return paths['/'].get.responses['200'].content[mimeType];
}

test('$ref in recorded data is not a reference of the document', async () => {
  const text = await convertedTo('openapi', 'openapi-ref-in-example/in.har');
  expect(await complaintsAbout(text)).toEqual([]);
});

test('data with $ref keeps its schema but has no example', async () => {
  const { schema, ...media } = await mediaOf(answered({ $ref: '#/a', id: 1 }));
  expect(schema.properties).toEqual({ $ref: { type: 'string' }, id: { type: 'integer' } });
  expect(media).toEqual({});
});

test.each([
  ['in a list', [[{ $ref: 'x' }]]],
  ['that is a number', { $ref: 5 }],
  ['that is an object', { a: { $ref: { b: 1 } } }],
  ['that leads to another machine', { $ref: 'http://127.0.0.1:1/schema.json' }],
])('data with a $ref %s keeps its schema but has no example, too', async (_, value) => {
  expect(await mediaOf(answered(value))).not.toHaveProperty('example');
});

test('a text that mentions $ref can be an example', async () => {
  expect(await mediaOf(answered({ text: '{"$ref":"#/a"}' }))).toHaveProperty('example');
});

test('fields and parameters named $ref are valid', async () => {
  const postData = { mimeType: 'application/x-www-form-urlencoded', text: '%24ref=a&b=1' };
  const request = { method: 'POST', url: 'https://api.test/x?%24ref=1', postData };
  const headers = [{ name: '$ref', value: 'a' }];
  const text = await convertedTo('openapi', [harEntry({ request: { ...request, headers } })]);
  expect(await complaintsAbout(text)).toEqual([]);
});

test('endlessly nested data is not an example', async () => {
  const deep = `${'['.repeat(8000)}${']'.repeat(8000)}`;
  expect(await mediaOf(answered(deep))).not.toHaveProperty('example');
});
