import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { valueFacts } from '../../src/analysis/schema/json-schema.ts';
import { fc, runs } from '../helpers/properties.ts';

function schemaOf(...values: readonly unknown[]) {
  const facts = valueFacts();
  for (const value of values) facts.see(value);
  return facts.schema();
}

describe('the schema of values', () => {
  test('has one type, or a list when there are several', () => {
    expect(schemaOf('a', 'b')).toEqual({ type: 'string' });
    expect(schemaOf('a', null)).toEqual({ type: ['string', 'null'] });
    expect(schemaOf(1, 2)).toEqual({ type: 'integer' });
    expect(schemaOf(1, 2.5)).toEqual({ type: 'number' });
    expect(schemaOf({}, [])).toEqual({ type: ['object', 'array'], items: {} });
    expect(schemaOf()).toEqual({});
  });

  test('requires the members that every object has', () => {
    expect(schemaOf({ a: 1, b: 1 }, { a: null })).toEqual({
      type: 'object',
      properties: { a: { type: ['integer', 'null'] }, b: { type: 'integer' } },
      required: ['a'],
    });
  });

  test('merges the items of all lists', () => {
    expect(schemaOf([{ a: 1 }], [{ b: 'x' }, null])).toEqual({
      type: 'array',
      items: {
        type: ['object', 'null'],
        properties: { a: { type: 'integer' }, b: { type: 'string' } },
      },
    });
  });

  test.each([
    ['date-time', '2024-02-29T12:00:00Z', '2024-02-29T12:00:00.123+02:00'],
    ['date', '2024-02-29', '1999-12-31'],
    ['uuid', '0b1f4d1c-8d52-4a6e-9f0e-2f3a4b5c6d7e', '7C9E6679-7425-40DE-944B-E07FC1F90AE7'],
    ['email', 'ada@example.com', 'a.b+c@mail.example.org'],
    ['uri', 'https://example.com/a?b=c#d', 'http://[::1]:8080/'],
  ])('recognises %s when every text is one', (format, one, other) => {
    expect(schemaOf(one, other)).toEqual({ type: 'string', format });
    expect(schemaOf(one, 'something else')).toEqual({ type: 'string' });
  });

  test.each(['2023-02-29', '2024-13-01', '12:00', 'ada@localhost', '/a/b', 'http://a b', ''])(
    '%j has no format',
    (text) => expect(schemaOf(text)).toEqual({ type: 'string' }),
  );

  test('treats keys that are data as a table', () => {
    const byId = { '0b1f4d1c-8d52-4a6e-9f0e-2f3a4b5c6d7e': { n: 1 }, '42': { n: 2 } };
    expect(schemaOf(byId)).toEqual({
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: { n: { type: 'integer' } },
        required: ['n'],
      },
    });
  });

  test('does not grow with the number of keys', () => {
    const facts = valueFacts();
    for (let index = 0; index < 5000; index += 1)
      facts.see({ [`key${'x'.repeat(index % 997)}`]: 1 });
    const { properties = {}, additionalProperties } = facts.schema();
    expect(Object.keys(properties).length).toBeLessThan(200);
    expect(additionalProperties).toEqual({ type: 'integer' });
  });

  test('treats names of Object.prototype as ordinary names', () => {
    const value = JSON.parse('{"__proto__":1,"constructor":"x","toString":null}');
    const { properties = {} } = schemaOf(value);
    expect(Object.keys(properties)).toEqual(['__proto__', 'constructor', 'toString']);
  });
});

test('every value fits the schema of all values', () => {
  // Otherwise every object would have the members that all objects inherit.
  const ajv = new Ajv2020({ strict: false, formats: FORMATS, ownProperties: true });
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.record(
      {
        id: fc.oneof(fc.nat(), fc.uuid()),
        at: fc.date({ noInvalidDate: true }),
        tags: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    fc.emailAddress(),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
  );
  fc.assert(
    fc.property(fc.array(json, { maxLength: 8 }), (made) => {
      const values: unknown[] = JSON.parse(JSON.stringify(made));
      const facts = valueFacts();
      for (const value of values) facts.see(value);
      const validate = ajv.compile(facts.schema());
      for (const value of values) {
        expect(validate(value), JSON.stringify([facts.schema(), value])).toBe(true);
        expect(facts.fits(value)).toBe(true);
      }
    }),
    { numRuns: runs(40), examples: [[[{ toString: null }, {}]]] },
  );
});

test('very deep values are accepted', () => {
  const deep = JSON.parse(`${'[{"a":'.repeat(1000)}1${'}]'.repeat(1000)}`);
  expect(JSON.stringify(schemaOf(deep)).length).toBeLessThan(10_000);
});

/** What JavaScript itself says of these formats. */
const FORMATS = {
  'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  date: (text: string) => !Number.isNaN(Date.parse(text)),
  email: (text: string) => /^[^@\s]+@[^@\s]+$/.test(text),
  uri: (text: string) => URL.canParse(text),
  uuid: (text: string) => text.length === 36,
};
