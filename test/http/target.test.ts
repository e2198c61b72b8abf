import { expect, test } from 'vitest';
import { originOf, parseTarget } from '../../src/http/target.ts';
import { fc } from '../helpers/properties.ts';

test.each([
  ['http://h', { protocol: 'http', host: 'h', path: '' }],
  ['HTTPS://H:8443/', { protocol: 'https', host: 'H', port: '8443', path: '/' }],
  ['http://[::1]:80/a', { protocol: 'http', host: '[::1]', port: '80', path: '/a' }],
  ['http://u:p@h/@?@', { protocol: 'http', userinfo: 'u:p', host: 'h', path: '/@', query: '@' }],
  ['http://h?', { protocol: 'http', host: 'h', path: '', query: '' }],
  ['http://h/a?b?c#d', { protocol: 'http', host: 'h', path: '/a', query: 'b?c#d' }],
  ['http://h/a\nb', { protocol: 'http', host: 'h', path: '/a\nb' }],
  ['http://h//x//http://y', { protocol: 'http', host: 'h', path: '//x//http://y' }],
])('%s is split without normalization', (url, expected) => {
  expect(parseTarget(url)).toEqual(expected);
});

test('any path and query are unchanged', () => {
  const path = fc.string({ unit: 'binary' }).map((text) => `/${text.replaceAll('?', '')}`);
  fc.assert(
    fc.property(
      path,
      fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      (path, query) => {
        const url = `http://h.test:81${path}${query === undefined ? '' : `?${query}`}`;
        expect(parseTarget(url)).toMatchObject({ path, ...(query === undefined ? {} : { query }) });
      },
    ),
  );
});

test('an origin ignores the case of its host', () => {
  expect(originOf(parseTarget('HTTP://Api.Test:80/x'))).toBe('http://api.test:80');
});
