import { expect, test } from 'vitest';
import { contentTypeOf, languageOf, parseContentType } from '../../src/http/content-type.ts';

const read = (value: string) => {
  const { essence, parameters } = parseContentType(value);
  return [essence, Object.fromEntries(parameters)];
};

test.each([
  ['Text/HTML', ['text/html', {}]],
  ['text/html ; Charset=UTF-8', ['text/html', { charset: 'UTF-8' }]],
  ['a/b; x="q;\\"uoted"; y=z', ['a/b', { x: 'q;"uoted', y: 'z' }]],
  ['a/b; x=1; x=2', ['a/b', { x: '1' }]],
  ['a/b;;; =; x', ['a/b', {}]],
  ['', ['', {}]],
])('%j is read leniently', (value, expected) => {
  expect(read(value)).toEqual(expected);
});

test('a message without a Content-Type has none', () => {
  expect(contentTypeOf([['Accept', 'a/b']])).toBeUndefined();
});

test.each([
  ['application/vnd.api+json', 'json'],
  ['application/atom+xml', 'xml'],
  ['image/svg+xml', 'xml'],
  ['text/html', 'html'],
  ['text/javascript', 'javascript'],
  ['application/wasm', 'text'],
  ['text/css', 'text'],
  ['', 'text'],
])('%s is shown as %s', (essence, language) => {
  expect(languageOf(essence)).toBe(language);
});
