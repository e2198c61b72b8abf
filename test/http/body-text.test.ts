import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../src/http/body-text.ts';
import { parseContentType } from '../../src/http/content-type.ts';

const read = (bytes: Uint8Array, type?: string) =>
  textOf(bytes, type === undefined ? undefined : parseContentType(type));
const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('the charset of a text', () => {
  test.each([
    ['text/plain; charset=windows-1252', 'win1252', 'caf\u00e9 \u20ac'],
    ['text/plain; charset="Shift_JIS"', 'shift_jis', '日本語'],
    ['text/plain;CHARSET=utf-16le', 'utf-16le', 'wide'],
    ['application/json; charset=koi8-r', 'koi8-r', 'привет'],
  ])('is the one named by %s', (type, charset, text) => {
    expect(read(iconv.encode(text, charset), type)).toBe(text);
  });

  test.each(['utf8', 'utf-16le', 'utf-16be'])('is %s by its byte order mark', (charset) => {
    const bytes = iconv.encode('schön', charset, { addBOM: true });
    expect(read(bytes, 'text/plain; charset=iso-8859-2')).toBe('schön');
  });

  test.each([
    ['text/html', '<html><head><META charset=iso-8859-5>'],
    ['text/html', '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-5">'],
    ['application/xml', '<?xml version="1.0" encoding="iso-8859-5"?>'],
  ])('of %s may be given in the document: %s', (type, head) => {
    const bytes = iconv.encode(`${head}мир`, 'iso-8859-5');
    expect(read(bytes, type)).toBe(`${head}мир`);
  });

  test('is not looked for in plain text', () => {
    const text = '<meta charset=iso-8859-5>é';
    expect(read(Buffer.from(text), 'text/plain')).toBe(text);
  });

  test('is UTF-8 by default, or Latin-1 for invalid UTF-8', () => {
    expect(read(Buffer.from('schön'), 'text/plain')).toBe('schön');
    expect(read(latin1('schön'), 'text/plain')).toBe('schön');
    expect(read(latin1('schön'), 'text/plain; charset=utf-8')).toBe('schön');
  });

  test.each(['no-such-charset', 'base64', 'hex', ''])('named %j is not a charset', (name) => {
    expect(read(Buffer.from('plain'), `text/plain; charset=${name}`)).toBe('plain');
  });
});

describe('binary content has no text', () => {
  test.each(['image/png', 'font/woff2', 'video/mp4', 'application/zip', 'application/grpc+proto'])(
    'by its type, %s, even where the bytes could be read',
    (type) => {
      expect(read(Buffer.from('plain'), type)).toBeUndefined();
    },
  );

  test('by its bytes when the type is unknown', () => {
    expect(read(Buffer.from([0, 1, 2]), 'application/octet-stream')).toBeUndefined();
    expect(read(latin1('\u00ff\u00fe\u00fd'.slice(1)), undefined)).toBeUndefined();
    expect(read(Buffer.from('a\0b'), 'text/plain')).toBeUndefined();
  });

  test('but text under an unknown type or none is text', () => {
    expect(read(Buffer.from('plain'), 'application/octet-stream')).toBe('plain');
    expect(read(Buffer.from('{"a":1}'))).toBe('{"a":1}');
  });

  test('and a picture in SVG is text', () => {
    expect(read(Buffer.from('<svg/>'), 'image/svg+xml')).toBe('<svg/>');
  });
});
