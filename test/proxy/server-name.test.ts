import { expect, test } from 'vitest';
import { hostNameIn } from '../../src/proxy/server-name.ts';

test.each([
  ['a.example', 'a.example'],
  ['A.Example', 'a.example'],
  ['a.example.', 'a.example'],
  ['localhost', 'localhost'],
  ['_dmarc.a-b.example', '_dmarc.a-b.example'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
])('%s is the host name %s', (sni, name) => {
  expect(hostNameIn(sni)).toBe(name);
});

test.each<string | false | null | undefined>([
  undefined,
  null,
  false,
  '',
  '.',
  'a..b',
  '.a',
  '127.0.0.1',
  '::1',
  '[::1]',
  '127.0.0.1:9443',
  'a.example:443',
  '10.0.1',
  'a b',
  'a/b',
  '*.example',
  'user@a.example',
  'caf\u00e9.example',
  'a\u0000.example',
  '\u001b[31m',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(126)}ab`,
])('%j is not a host name', (sni) => {
  expect(hostNameIn(sni)).toBeUndefined();
});
