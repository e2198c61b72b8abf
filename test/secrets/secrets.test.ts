import { expect, test } from 'vitest';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';

const redacting = () => createSecrets({ mode: 'redact', names: variableNames([]) });
const redact = (name: string, value: string) => redacting().header([name, value])[1];

test.each([
  ['Authorization', 'Bearer abc', 'Bearer {{bearer_token}}'],
  ['authorization', 'BASIC  dTpw', 'BASIC  {{basic_auth}}'],
  ['Authorization', 'Digest username="u", nonce="n"', 'Digest {{digest_auth}}'],
  ['Authorization', 'AWS4-HMAC-SHA256 Credential=x', 'AWS4-HMAC-SHA256 {{aws4_hmac_sha256_auth}}'],
  ['Authorization', 'just-a-token', '{{authorization}}'],
  ['Proxy-Authorization', 'Basic dTpw', 'Basic {{basic_auth}}'],
  ['Cookie', 'a=1; __Host-b-c=2;d=', 'a={{cookie_a}}; __Host-b-c={{cookie_host_b_c}};d='],
  ['Cookie', 'alone', '{{cookie}}'],
  ['Cookie', '=x', '={{cookie}}'],
  ['Set-Cookie', 'sid=a=b; Path=/; HttpOnly', 'sid={{cookie_sid}}; Path=/; HttpOnly'],
  ['Set-Cookie', 'gone=; Max-Age=0', 'gone=; Max-Age=0'],
  ['X-Other', 'Bearer abc', 'Bearer abc'],
  ['Authorization', '', ''],
])('%s: %s is written as %s', (name, value, expected) => {
  expect(redact(name, value)).toBe(expected);
});

test('names are numbered when several values need the same one', () => {
  const secrets = redacting();
  secrets.header(['Cookie', 'sid=1']);
  expect(secrets.header(['Cookie', 'sid=2; sid=1; sid=3'])[1]).toBe(
    'sid={{cookie_sid_2}}; sid={{cookie_sid}}; sid={{cookie_sid_3}}',
  );
  expect(secrets.variables).toEqual(['cookie_sid', 'cookie_sid_2', 'cookie_sid_3']);
});

test('a long value is recognised again', () => {
  const secrets = redacting();
  const long = 'x'.repeat(5000);
  const first = secrets.header(['Authorization', `Bearer ${long}`]);
  expect(secrets.header(['Authorization', `Bearer ${long}`])).toEqual(first);
  expect(secrets.header(['Authorization', `Bearer ${long}y`])).not.toEqual(first);
});

test('nothing is replaced when secrets are kept', () => {
  const secrets = createSecrets({ mode: 'keep', names: variableNames([]) });
  expect(secrets.header(['Cookie', 'a=1'])).toEqual(['Cookie', 'a=1']);
  expect(secrets.userinfo('u:p')).toBe('u:p');
  expect(secrets.variables).toEqual([]);
});
