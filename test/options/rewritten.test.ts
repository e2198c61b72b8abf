import { describe, expect, test } from 'vitest';
import {
  filteringOptions,
  readFilteringOptions,
  readRewrittenOptions,
  rewrittenOptions,
} from '../../src/options/rewritten.ts';
import { given } from './parse.ts';

const rewritten = (...args: string[]) => readRewrittenOptions(given(rewrittenOptions, ...args));
const filtering = (...args: string[]) => readFilteringOptions(given(filteringOptions, ...args));

test('the defaults are Postman-, marked redirects and no page', () => {
  expect(rewritten()).toEqual({
    prefix: 'Postman-',
    redirects: 'marked',
    allowOrigin: [],
    allowAnyOrigin: false,
  });
});

test.each([
  ['http://client.test', 'http://client.test'],
  ['https://client.test/', 'https://client.test'],
  ['HTTPS://Client.Test:443', 'https://client.test'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
  ['http://bücher.test', 'http://xn--bcher-kva.test'],
  ['chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'],
])('--allow-origin %s is what browsers send: %s', (typed, sent) => {
  expect(rewritten('--allow-origin', typed).allowOrigin).toEqual([sent]);
});

test('--allow-origin may be given several times', () => {
  const { allowOrigin } = rewritten('--allow-origin', 'http://a', '--allow-origin', 'http://b');
  expect(allowOrigin).toEqual(['http://a', 'http://b']);
});

test.each([
  '',
  'client.test',
  'localhost:3000',
  'http:client.test',
  'http://',
  'http://client.test/app',
  'http://client.test?q',
  'http://client.test#f',
  'http://user@client.test',
  'http://*.client.test',
  'http://client.test:99999',
  'http://client.test\\evil.test',
  'file:///home',
])('--allow-origin %j is not an origin', (typed) => {
  expect(() => rewritten('--allow-origin', typed)).toThrow(
    `--allow-origin ${JSON.stringify(typed)}: write an origin: scheme, host and port`,
  );
});

test('--allow-origin null is refused, because any page can have that origin', () => {
  expect(() => rewritten('--allow-origin', 'null')).toThrow('any page can have the origin null');
});

test('--allow-origin "*" needs --allow-any-origin', () => {
  expect(() => rewritten('--allow-origin', '*')).toThrow('add --allow-any-origin');
  expect(rewritten('--allow-origin', '*', '--allow-any-origin').allowAnyOrigin).toBe(true);
});

test('--allow-any-origin contradicts the name of an origin', () => {
  expect(() => rewritten('--allow-any-origin', '--allow-origin', 'http://a')).toThrow(
    '--allow-any-origin contradicts --allow-origin http://a',
  );
});

test.each(['Postman-', 'X-Fwd-', 'x_', '~', 'Pm'])('--prefix %s can begin a header', (prefix) => {
  expect(rewritten('--prefix', prefix).prefix).toBe(prefix);
});

test.each(['', 'a b', 'a:', 'ä-', 'a\nb', '"x"'])('--prefix %j cannot begin a header', (prefix) => {
  expect(() => rewritten('--prefix', prefix)).toThrow(
    `--prefix ${JSON.stringify(prefix)}: write the beginning of a header name`,
  );
});

test.each(['H', 'content-', 'Sec-', 'Cookie'])('--prefix %s would mark every request', (prefix) => {
  expect(() => rewritten('--prefix', prefix)).toThrow(
    'headers with this beginning are in every request',
  );
});

test('--redirects is marked, all or none', () => {
  expect(rewritten('--redirects', 'NONE').redirects).toBe('none');
  expect(() => rewritten('--redirects', 'some')).toThrow('write marked, all or none');
});

describe('while recording', () => {
  test('nothing is rewritten unless asked for', () => {
    expect(filtering()).toBeUndefined();
    expect(filtering('--filter-headers')).toEqual(rewritten());
  });

  test.each([
    ['--prefix', 'X-Fwd-'],
    ['--redirects', 'all'],
    ['--allow-origin', 'http://a'],
    ['--allow-any-origin'],
  ])('%s without --filter-headers is wrong usage', (...args) => {
    expect(() => filtering(...args)).toThrow(`${args[0]} needs --filter-headers.`);
  });
});
