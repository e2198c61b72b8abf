import { describe, expect, test } from 'vitest';
import { hostPattern, urlPattern } from '../../src/options/patterns.ts';
import { fc } from '../helpers/properties.ts';

const API = 'https://api.example.com:8443/v1/users/42?page=2';

describe('a URL pattern', () => {
  test.each([
    // a regular expression, against the whole URL
    ['/users\\/\\d+/', API],
    ['/PAGE=2$/i', API],
    ['/^https/', API],
    ['/example/g', API],
    // with ://, against scheme://host[:port]/path
    ['https://api.example.com:8443/**', API],
    ['*://*.example.com:*/v1/**', API],
    ['HTTPS://API.Example.com:8443/v1/users/*', API],
    [API, API],
    ['https://example.com:443/a', 'https://example.com/a'],
    ['http{,s}://example.com/', 'https://example.com/'],
    ['http://example.com/', 'http://example.com'],
    // with a leading slash, against the path
    ['/v1/users/*', API],
    ['/v1/**', API],
    ['/v1/users/42?page=*', API],
    ['/**/*.{png,jpg}', 'http://a/b/c/d.jpg?v=1'],
    ['/.well-known/*', 'http://a/.well-known/x'],
    ['/static/js', 'http://a/static/js'],
    // otherwise, against host[:port]/path
    ['api.example.com:8443/v1/**', API],
    ['*.example.com:8443/**', API],
    ['example.com:443/a', 'https://example.com/a'],
    // a bare host, the whole host
    ['api.example.com', API],
    ['API.EXAMPLE.COM', API],
    ['*.example.com', API],
    ['api.example.com:8443', API],
    ['api.example.com:84*', API],
    ['localhost', 'http://localhost:3000/'],
    ['localhost:80', 'http://localhost/'],
    ['[::1]', 'http://[::1]:3000/'],
    ['::1', 'http://[::1]:3000/'],
    ['[::1]:3000', 'http://[::1]:3000/'],
    ['http://[::1]:3000/*', 'http://[::1]:3000/x'],
    ['me', 'http://user:pw@me/'],
  ])('%s matches %s', (pattern, url) => {
    expect(urlPattern.parse(pattern)(url)).toBe(true);
  });

  test.each([
    ['/^users/', API],
    ['/page=2$/', 'https://api.example.com/?PAGE=2'],
    ['http://api.example.com:8443/**', API],
    ['https://api.example.com/**', API],
    ['/v1/*', API],
    ['/V1/**', API],
    ['/users/**', API],
    ['/**/*.js', 'http://a/b?file=c.js'],
    ['example.com', API],
    ['api.example.com:443', API],
    ['api.example.com/v2/**', API],
    ['xample.com', 'https://example.com/'],
    ['example.com', 'https://other.org/example.com'],
    ['[::1]', 'http://[::2]/'],
    ['example.com', 'not a url'],
  ])('%s does not match %s', (pattern, url) => {
    expect(urlPattern.parse(pattern)(url)).toBe(false);
  });

  test('keeps no state between two tests', () => {
    const matches = urlPattern.parse('/users/g');
    expect([matches(API), matches(API), matches(API)]).toEqual([true, true, true]);
  });

  test.each(['', '/(/', '/a/ii', '[abc', 'http://a/(b'])('is not %j', (pattern) => {
    expect(urlPattern.safeParse(pattern).success).toBe(false);
  });

  test('never throws, whatever the URL', () => {
    const patterns = ['/a/', 'http://a/**', '/a', 'a/b', 'a'].map((text) => urlPattern.parse(text));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (url) => {
        for (const matches of patterns) matches(url);
      }),
    );
  });
});

describe('a host pattern', () => {
  test.each([
    ['example.com', 'EXAMPLE.com', 443],
    ['Example.com', 'example.com', 80],
    ['example.com:443', 'example.com', 443],
    ['*.example.com', 'a.b.example.com', 443],
    ['*', 'anything', 1],
    ['::1', '::1', 80],
    ['[::1]:80', '::1', 80],
    ['127.0.0.1', '127.0.0.1', 80],
  ])('%s matches %s:%i', (pattern, hostname, port) => {
    expect(hostPattern.parse(pattern)(hostname, port)).toBe(true);
  });

  test.each([
    ['example.com', 'a.example.com', 443],
    ['example.com:443', 'example.com', 80],
    ['*.example.com', 'example.com', 443],
    ['*.example.com', 'badexample.com', 443],
    ['::1', '::2', 80],
  ])('%s does not match %s:%i', (pattern, hostname, port) => {
    expect(hostPattern.parse(pattern)(hostname, port)).toBe(false);
  });

  test.each(['', 'http://a', 'a/b', 'a b', 'a*b', 'a:x', '*.'])('is not %j', (pattern) => {
    expect(hostPattern.safeParse(pattern).success).toBe(false);
  });
});
