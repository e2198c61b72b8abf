import { describe, expect, test } from 'vitest';
import { parseFormFields } from '../../src/http/forms.ts';
import { parseGraphql } from '../../src/http/graphql.ts';
import { parseFormParts } from '../../src/http/multipart.ts';
import { fc } from '../helpers/properties.ts';

describe('an urlencoded form', () => {
  test('of any fields is read as it was meant', () => {
    const field = fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        expect(parseFormFields(new URLSearchParams(fields).toString())).toEqual(fields);
      }),
    );
  });

  test.each(['a', 'a=1&b', '=1', 'a=%zz', 'a=%ff', 'a=é', 'a=1&&b=2', 'a=1\n', '', '{"a":"="}'])(
    'like %j is not read, as it would not be written so',
    (text) => {
      expect(parseFormFields(text)).toBeUndefined();
    },
  );
});

describe('a multipart form', () => {
  const part = (head: string, body = 'x') => `--b\r\n${head}\r\n\r\n${body}\r\n`;
  const parse = (text: string) => parseFormParts(Buffer.from(text), 'b');
  const named = 'Content-Disposition: form-data; name="a"';

  test('is read part by part, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array(), { minLength: 1 }), (bodies) => {
        const boundary = 'a boundary that does not occur';
        const pieces = bodies.map((body, i) =>
          Buffer.concat([
            Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${i}"\r\n\r\n`),
            body,
            Buffer.from('\r\n'),
          ]),
        );
        const whole = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
        const parts = parseFormParts(whole, boundary);
        expect(parts?.map(({ name, bytes }) => [name, [...bytes]])).toEqual(
          bodies.map((body, i) => [String(i), [...body]]),
        );
      }),
    );
  });

  test('keeps names as they were written, escapes and all', () => {
    const head =
      'content-disposition: form-data; name="a\\"b%22"; filename="ü; c.txt"\r\ncontent-type: x/y';
    expect(parse(`${part(head)}--b--`)).toEqual([
      { name: 'a\\"b%22', fileName: 'ü; c.txt', contentType: 'x/y', bytes: Buffer.from('x') },
    ]);
  });

  test('may have lengths and transfer encodings in its parts, which say nothing new', () => {
    const head = `Content-Length: 1\r\n${named}\r\nContent-Transfer-Encoding: binary`;
    expect(parse(`${part(head)}--b--`)).toMatchObject([{ name: 'a' }]);
  });

  test.each([
    ['another header in a part', `${part(`${named}\r\nX-Own: 1`)}--b--`],
    ['a header twice', `${part(`${named}\r\n${named}`)}--b--`],
    ['a part without a name', `${part('Content-Disposition: form-data')}--b--`],
    ['a part without a disposition', `${part('Content-Type: x/y')}--b--`],
    ['a parameter that nobody knows', `${part(`${named}; size=3`)}--b--`],
    ['a preamble', `before\r\n${part(named)}--b--`],
    ['an epilogue', `${part(named)}--b--\r\nafter`],
    ['no end', part(named)],
    ['another boundary', part(named).replaceAll('--b', '--c')],
    ['nothing in it', ''],
  ])('with %s is not read', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  test('with a head that is not UTF-8 is not read', () => {
    const text = `${part('Content-Disposition: form-data; name="\u00e9"')}--b--`;
    expect(parseFormParts(Buffer.from(text, 'latin1'), 'b')).toBeUndefined();
  });
});

describe('a GraphQL request', () => {
  test.each([
    ['{ "query": "{ me }" }', { query: '{ me }' }],
    [
      '{"query":"# hi\\n query Q { me }","operationName":"Q"}',
      { query: '# hi\n query Q { me }', operationName: 'Q' },
    ],
    [
      '{"variables":{"a":[1]},"query":"mutation{a}"}',
      { query: 'mutation{a}', variables: '{"a":[1]}' },
    ],
    ['{"query":"{a}","variables":null}', { query: '{a}', variables: 'null' }],
  ])('is recognised: %s', (text, expected) => {
    expect(parseGraphql(text)).toEqual(expected);
  });

  test.each([
    ['a search', '{"query":"shoes"}'],
    ['a query that only begins like one', '{"query":"queryset"}'],
    ['another member', '{"query":"{a}","extensions":{}}'],
    ['no operation name in so many words', '{"query":"{a}","operationName":null}'],
    [
      'a number that JavaScript cannot hold',
      '{"query":"{a}","variables":{"id":12345678901234567890}}',
    ],
    ['a batch', '[{"query":"{a}"}]'],
    ['broken JSON', '{"query":"{a}"'],
  ])('is not: %s', (_, text) => {
    expect(parseGraphql(text)).toBeUndefined();
  });
});
