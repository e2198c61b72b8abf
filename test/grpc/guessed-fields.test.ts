import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { guessedFields } from '../../src/grpc/guessed-fields.ts';

function encoded(fields: string, value: Record<string, unknown>): Uint8Array {
  const { root } = protobuf.parse(
    `syntax = "proto3"; message Inner { string text = 1; int64 number = 2; } message M { ${fields} }`,
    { keepCase: true },
  );
  const type = root.lookupType('M');
  return type.encode(type.fromObject(value)).finish();
}

test('tells text, messages and bytes apart', () => {
  const fields =
    'string text = 1; Inner inner = 2; bytes raw = 3; string empty = 4; string tab = 5;';
  const bytes = encoded(fields, {
    text: 'grüß dich',
    inner: { text: 'a', number: 7 },
    raw: Buffer.from([0xff, 0x00, 0xfe]),
    tab: 'a\n\tb',
  });
  expect(guessedFields(bytes)).toEqual({
    1: 'grüß dich',
    2: { 1: 'a', 2: 7 },
    3: { '@base64': '/wD+' },
    5: 'a\n\tb',
  });
});

test('takes a nested message for one even where its bytes look like text behind a line break', () => {
  const bytes = encoded('Inner inner = 1;', { inner: { text: 'thirteen char' } });
  expect(guessedFields(bytes)).toEqual({ 1: { 1: 'thirteen char' } });
});

test('writes integers that are too large for a number as text', () => {
  const bytes = encoded('int64 a = 1; uint64 b = 2; int32 c = 3;', {
    a: -1,
    b: '9007199254740993',
    c: 5,
  });
  expect(guessedFields(bytes)).toEqual({ 1: '18446744073709551615', 2: '9007199254740993', 3: 5 });
});

test('reads fixed numbers as fractions or integers, as is more likely', () => {
  const fields = 'double a = 1; float b = 2; fixed64 c = 3; sfixed32 d = 4; fixed32 e = 5;';
  const bytes = encoded(fields, { a: 1.5, b: -0.25, c: 42, d: -7, e: 9 });
  expect(guessedFields(bytes)).toEqual({ 1: 1.5, 2: -0.25, 3: 42, 4: -7, 5: 9 });
});

test('lists a field that comes more than once', () => {
  const bytes = encoded('repeated string names = 1;', { names: ['a', 'b', 'c'] });
  expect(guessedFields(bytes)).toEqual({ 1: ['a', 'b', 'c'] });
});

test('reads groups (wire types 3 and 4)', () => {
  expect(guessedFields(Buffer.from([0x0b, 0x10, 5, 0x0c]))).toEqual({ 1: { 2: 5 } });
  expect(guessedFields(Buffer.from([0x0b, 0x10, 5, 0x14]))).toBeUndefined();
});
