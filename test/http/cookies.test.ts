import { expect, test } from 'vitest';
import { cookieReaches, parseSetCookie } from '../../src/http/cookies.ts';

const read = (value: string, url = 'http://WWW.api.test/a/b') => parseSetCookie(value, url);

test('missing attributes of a cookie come from the request', () => {
  expect(read('a=b=c')).toEqual({
    name: 'a',
    value: 'b=c',
    domain: 'www.api.test',
    hostOnly: true,
    path: '/a',
    httpOnly: false,
    secure: false,
  });
});

test('attributes of a cookie are read in any case, and the last of each counts', () => {
  const value =
    ' a = b ; DOMAIN=.Api.test; path=/x; Path=/y; expires=Wed, 21 Oct; max-age=5; secure; HttpOnly';
  expect(read(value)).toEqual({
    name: 'a',
    value: 'b',
    domain: 'api.test',
    hostOnly: false,
    path: '/y',
    expires: 'Wed, 21 Oct',
    maxAge: '5',
    httpOnly: true,
    secure: true,
  });
});

test.each([
  ['http://h/', '/'],
  ['http://h', '/'],
  ['http://h/page', '/'],
  ['http://h/folder/page?x=/y', '/folder'],
])('the default path for %s is %s', (url, path) => {
  expect(read('a=b; Path=relative', url).path).toBe(path);
});

test('a cookie without a name is only a value', () => {
  expect(read('word')).toMatchObject({ name: '', value: 'word' });
});

test('cookies apply to their domain and its subdomains', () => {
  const domains = new Set(['api.test']);
  expect(cookieReaches('api.test', domains)).toBe(true);
  expect(cookieReaches('deep.www.API.test', domains)).toBe(true);
  expect(cookieReaches('notapi.test', domains)).toBe(false);
  expect(cookieReaches('test', domains)).toBe(false);
});
