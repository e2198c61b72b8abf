import { expect, test } from 'vitest';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';

const inDocument = () =>
  createSecrets({ mode: 'redact', written: true, names: variableNames(new Set()) });

test.each([
  ['Authorization', 'Bearer {{x}}abcSECRET', 'Bearer {{x}}{{bearer_token}}'],
  ['Authorization', 'Token token="{{x}}abcSECRET"', 'Token token="{{x}}{{token_auth}}"'],
  ['X-Api-Key', '{{prefix}}-q7live_4eC39HqLyjWD', '{{prefix}}-{{api_key}}'],
  ['X-Auth-Token', 'q7Z4eC39{{a}}4eC39Hqq', '{{auth_token}}{{a}}{{auth_token_2}}'],
  ['Cookie', 'sid={{x}}4eC39HqL; lang=en', 'sid={{x}}{{cookie_sid}}; lang=en'],
])('a secret that is joined to a variable in %s: %s is replaced alone', (name, value, written) => {
  expect(inDocument().header([name, value])).toEqual([name, written]);
});

test.each([
  ['Authorization', 'Bearer {{token}}'],
  ['Authorization', '{{scheme}} {{token}}'],
  ['Authorization', 'Basic {{user}}:{{password}}'],
  ['Authorization', 'Token token="{{token}}", email="{{email}}"'],
  ['X-Api-Key', '{{prefix}}-{{key}}'],
  ['Cookie', 'sid={{sid}}; other={{a}}.{{b}}'],
])('variables and the text between them are kept in %s: %s', (name, value) => {
  expect(inDocument().header([name, value])).toEqual([name, value]);
});

test.each([
  ['https://a.test/?token={{a}}LITERAL', 'https://a.test/?token={{a}}{{token}}'],
  ['https://a.test/?token={{a}}4e%2BC39', 'https://a.test/?token={{a}}{{token}}'],
  ['https://ada:{{a}}4eC39@a.test/', 'https://ada:{{a}}{{url_password}}@a.test/'],
])('a secret that is joined to a variable in the URL %s is replaced alone', (url, written) => {
  expect(inDocument().url(url)).toBe(written);
});

test.each([
  ['{"password": "{{a}}4eC39"}', '{"password": "{{a}}{{password}}"}'],
  ['Say password={{a}}4eC39HqLyjWD here.', 'Say password={{a}}{{password}} here.'],
  [
    'pm.environment.set("access_token", "q7Z4eC39HqLyjWD");',
    'pm.environment.set("access_token", "{{access_token}}");',
  ],
  ['const u = "https://ada:4eC39HqL@a.test";', 'const u = "https://ada:{{url_password}}@a.test";'],
])('a secret in the text %s is replaced', (text, written) => {
  expect(inDocument().text(text, 'text/javascript')).toBe(written);
});

test('the known parts of a secret are replaced where they occur alone', () => {
  const secrets = inDocument();
  secrets.learning.header(['Authorization', 'Bearer {{x}}q7Z4eC39HqLyjWD']);
  expect(secrets.text('as q7Z4eC39HqLyjWD said')).toBe('as {{bearer_token}} said');
});
