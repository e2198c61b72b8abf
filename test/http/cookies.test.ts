import { expect, test } from 'vitest';
import { cookieReaches, parseSetCookie } from '../../src/http/cookies.ts';

const read = (value: string, url = 'http://WWW.api.test/a/b') => parseSetCookie(value, url);

test('what a cookie leaves out is filled in from the request', () => {
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

test('its attributes are read in any case, the last of each', () => {
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

test('a cookie without a name is all value', () => {
  expect(read('word')).toMatchObject({ name: '', value: 'word' });
});

test('cookies reach their domain and what is below it', () => {
  const domains = new Set(['api.test']);
  expect(cookieReaches('api.test', domains)).toBe(true);
  expect(cookieReaches('deep.www.API.test', domains)).toBe(true);
  expect(cookieReaches('notapi.test', domains)).toBe(false);
  expect(cookieReaches('test', domains)).toBe(false);
});
