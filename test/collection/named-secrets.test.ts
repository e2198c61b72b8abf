import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNamedSecrets } from '../../src/collection/named-secrets.ts';

const named = (...names: string[]) => createNamedSecrets(names, (name) => `{{${name}}}`);

describe('a secret known by name', () => {
  test('is found under its name in any case, and nowhere else', () => {
    expect(named('X-Trace').field('x-trace', 'v')).toBe('{{x-trace}}');
    expect(named('X-Trace').field('x-traces', 'v')).toBe('v');
  });

  test('is replaced in a query where it stands', () => {
    expect(named('sig').query('a=1&sig=a%20b&SIG=&sig&si%67=x')).toBe(
      'a=1&sig={{sig}}&SIG={{SIG}}&sig&si%67={{sig}}',
    );
  });

  test('is replaced in JSON without moving what is around it', () => {
    const text =
      '{ "pin" : "a\\"b",\n "PIN":12.5e3, "pinned": "x", "o": {"pin":"{}"}, "a": ["pin"] }';
    expect(named('pin').json(text)).toBe(
      '{ "pin" : "{{pin}}",\n "PIN":{{PIN}}, "pinned": "x", "o": {"pin":"{{pin}}"}, "a": ["pin"] }',
    );
  });

  test('may be called anything', () => {
    expect(named('a.b(c').json('{"a.b(c":"1","aXb(c":"2"}')).toBe(
      '{"a.b(c":"{{a.b(c}}","aXb(c":"2"}',
    );
  });
});

test('without names every text stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const none = named();
      expect([none.query(text), none.json(text), none.field(text, text)]).toEqual([
        text,
        text,
        text,
      ]);
    }),
  );
});

test('a long hostile text is read in one go', () => {
  const text = `{"pin":"${'\\'.repeat(1_000_000)}`;
  expect(named('pin').json(text)).toBe(text);
});
