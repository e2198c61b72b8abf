import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalHost, isLoopback } from '../../src/http/loopback.ts';

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '127.1',
  '0x7f.1',
  '0x7f000001',
  '017700000001',
  '2130706433',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '::1%lo',
  '::ffff:127.0.0.1',
  '[::ffff:7f00:1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  '127.0.0.1.',
])('%s is this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  '127.evil.com',
  '127.0.0.1.evil.com',
  '127.0.0.1@evil.com',
  '127.0.0.1:80',
  'user@127.0.0.1',
  '127.0.0.1/x',
  'evil.com#127.0.0.1',
  'localhost.evil.com',
  'evil.localhost',
  'xlocalhost',
  '128.0.0.1',
  '0.0.0.0',
  '::',
  '::2',
  '::ffff:128.0.0.1',
  '2130706432.evil.com',
  '4294967297',
  '127.0.0.256',
  '10.0.0.1',
  '',
  ' 127.0.0.1',
])('"%s" may be another machine', (host) => {
  expect(isLoopback(host)).toBe(false);
});

test('an address has one spelling', () => {
  expect(canonicalHost('[2001:DB8:0::1]')).toBe('2001:db8::1');
  expect(canonicalHost('::ffff:10.1.2.3')).toBe('10.1.2.3');
  expect(canonicalHost('fe80::1%eth0')).toBe('fe80::1');
  expect(canonicalHost('API.Example.test')).toBe('api.example.test');
  expect(canonicalHost('a b')).toBeUndefined();
});

test('no other file recognises loopback addresses by a prefix', () => {
  const src = new URL('../../src/', import.meta.url);
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && name !== 'http/loopback.ts')
    .filter((name) =>
      /startsWith\(['"`]127|\/\^127|=== '::1'/.test(readFileSync(new URL(name, src), 'utf8')),
    );
  expect(found).toEqual([]);
});
