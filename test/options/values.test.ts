import { describe, expect, test } from 'vitest';
import {
  address,
  boolean,
  clientCertificate,
  duration,
  method,
  pathTemplate,
  proxyUrl,
  size,
  statusRange,
} from '../../src/options/values.ts';

test.each([
  ['500ms', 500],
  ['120s', 120_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1.5S', 1_500],
  ['0s', 0],
])('the duration %s is %i ms', (text, ms) => {
  expect(duration.parse(text)).toBe(ms);
});

test.each(['', '120', 's', '-1s', '1d', '1 s', '1e3s', '600h'])('%j is not a duration', (text) => {
  expect(duration.safeParse(text).success).toBe(false);
});

test.each([
  ['4096', 4096],
  ['1kb', 1024],
  ['10mb', 10_485_760],
  ['1.5GB', 1_610_612_736],
  ['0', 0],
])('the size %s is %i bytes', (text, bytes) => {
  expect(size.parse(text)).toBe(bytes);
});

test.each(['', 'mb', '10tb', '-1', '1,5mb'])('%j is not a size', (text) => {
  expect(size.safeParse(text).success).toBe(false);
});

test.each([
  ['404', 404, 404],
  ['2xx', 200, 299],
  ['5XX', 500, 599],
  ['500-503', 500, 503],
])('the status %s is %i to %i', (text, from, to) => {
  expect(statusRange.parse(text)).toEqual({ from, to });
});

test.each(['', 'x', '2x', '0xx', '6xx', '9xx', '1000', '503-500', '2xx-3xx'])(
  '%j is not a status',
  (text) => {
    expect(statusRange.safeParse(text).success).toBe(false);
  },
);

test('methods are read in upper case', () => {
  expect(method.parse('m-search')).toBe('M-SEARCH');
});

test.each([
  ['true', true],
  ['FALSE', false],
  ['yes', true],
  ['0', false],
])('%s is %s', (text, value) => {
  expect(boolean.parse(text)).toBe(value);
});

test.each([
  ['[::1]', '::1'],
  ['::', '::'],
  ['0.0.0.0', '0.0.0.0'],
  ['localhost', 'localhost'],
])('the address %s is %s', (text, value) => {
  expect(address.parse(text)).toBe(value);
});

test.each(['127.0.0.1:80', '[::1]:80', 'a b', ''])('%j is not an address', (text) => {
  expect(address.safeParse(text).success).toBe(false);
});

test.each(['ftp://a', 'http://a/path', 'a', 'http://', 'http://a?b'])(
  '%j is not the URL of a proxy',
  (text) => {
    expect(proxyUrl.safeParse(text).success).toBe(false);
  },
);

test('the credentials of a proxy stay in its URL', () => {
  expect(proxyUrl.parse('http://me:pw@proxy:3128')).toMatchObject({
    username: 'me',
    password: 'pw',
    host: 'proxy:3128',
  });
});

describe('a client certificate', () => {
  test('is a pair of PEM files, whose paths may contain colons and equal signs', () => {
    const read = clientCertificate.parse('*.a.com=C:\\a=b.pem,C:\\key.pem');
    expect(read).toMatchObject({ certFile: 'C:\\a=b.pem', keyFile: 'C:\\key.pem' });
    expect(read.matches('x.a.com', 443)).toBe(true);
  });

  test('or one PKCS #12 file', () => {
    expect(clientCertificate.parse('a.com=me.pfx')).toMatchObject({ pfxFile: 'me.pfx' });
  });

  test.each(['a.com', 'a.com=', '=a.pfx', 'a.com=a.pem', 'a.com=a.pem,', 'a/b=c.pfx'])(
    'is not %j',
    (text) => {
      expect(clientCertificate.safeParse(text).success).toBe(false);
    },
  );
});

test.each(['/users/:name', '/users/{name}'])('%s is a template', (text) => {
  expect(pathTemplate.parse(text)).toEqual(['users', { parameter: 'name' }]);
});

test.each([
  'users/:id',
  '/users/42',
  '/users/:',
  '/users/:1d',
  '/users/:id/:id',
  '/users/{id',
  '/users/a{id}',
  '/users/:id?x=1',
  '/users/:id x',
  '',
])('%j is not a template', (text) => {
  expect(pathTemplate.safeParse(text).success).toBe(false);
});
