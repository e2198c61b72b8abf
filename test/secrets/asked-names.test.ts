import { expect, test } from 'vitest';
import { createSecrets } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';

const asked = (...redact: string[]) =>
  createSecrets({ mode: 'redact', names: variableNames([]), redact });

test('a given name is found in any case, and only as a whole', () => {
  expect(asked('X-Trace').field('x-trace', 'v')).toBe('{{trace}}');
  expect(asked('X-Trace').field('x-traces', 'v')).toBe('v');
  expect(asked('X-Trace').header(['X-TRACE', 'v'])).toEqual(['X-TRACE', '{{trace}}']);
});

test('its value is replaced in place in a query', () => {
  expect(asked('pin').query('a=1&pin=a%20b&PIN=&pin&p%69n=x')).toBe(
    'a=1&pin={{pin}}&PIN=&pin&p%69n={{pin_2}}',
  );
});

test('its value is replaced in JSON without changes around it', () => {
  const text =
    '{ "pin" : "a\\"b",\n "PIN":12.5e3, "pinned": "x", "o": {"pin":"{}"}, "a": ["pin"], "pin": true }';
  expect(asked('pin').json(text)).toBe(
    '{ "pin" : "{{pin}}",\n "PIN":{{pin_2}}, "pinned": "x", "o": {"pin":"{{pin_3}}"}, "a": ["pin"], "pin": true }',
  );
});

test('a given name may be any text', () => {
  expect(asked('a.b(c').json('{"a.b(c":"1","aXb(c":"2"}')).toBe(
    '{"a.b(c":"{{a_b_c}}","aXb(c":"2"}',
  );
});
