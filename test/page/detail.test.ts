import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  formOf,
  imageUrl,
  requestBody,
  responseBody,
} from '../../src/page/detail/body.ts';
import { wholeEntry } from '../../src/page/detail/entry.ts';
import { hexLine, hexLineCount } from '../../src/page/detail/hex-lines.ts';
import {
  childCount,
  childrenOf,
  isBranch,
  parseJson,
  writtenDigits,
} from '../../src/page/detail/json-model.ts';
import { messageBody, messageText } from '../../src/page/detail/messages.ts';
import { timingParts } from '../../src/page/detail/timing-parts.ts';

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');

describe('JSON', () => {
  test('keeps numbers as they were written', () => {
    const value = parseJson('{"id":12345678901234567890,"price":1.10,"n":7}');
    if (value === undefined || !isBranch(value)) throw new Error('no branch');
    const [id, price, n] = childrenOf(value, 0, 9);
    // Browsers before 2025 do not tell the source; then there are no digits.
    if (process.versions.v8 >= '12') expect(writtenDigits(id!.value)).toBe('12345678901234567890');
    expect(price?.key).toBe('price');
    expect(n).toEqual({ key: 'n', value: 7 });
  });

  test('is undefined when it cannot be parsed', () => {
    expect(parseJson('{')).toBeUndefined();
    expect(parseJson('')).toBeUndefined();
  });

  test('returns the children of large branches in portions', () => {
    const value = parseJson(JSON.stringify(Array.from({ length: 1000 }, (_, at) => at)));
    if (value === undefined || !isBranch(value)) throw new Error('no branch');
    expect(childCount(value)).toBe(1000);
    expect(childrenOf(value, 998, 100)).toEqual([
      { key: 998, value: 998 },
      { key: 999, value: 999 },
    ]);
  });

  test('shows a key __proto__ like any other', () => {
    const value = parseJson('{"__proto__":{"x":1}}');
    if (value === undefined || !isBranch(value)) throw new Error('no branch');
    expect(childrenOf(value, 0, 9).map(({ key }) => key)).toEqual(['__proto__']);
  });
});

describe('bodies', () => {
  const body = (mimeType: string, text: string, isBase64 = false) => ({
    mimeType,
    text,
    base64: isBase64,
    size: text.length,
    cut: false,
  });

  test.each([
    ['application/json; charset=utf-8', '[]', false, 'json'],
    ['application/problem+json', '{}', false, 'json'],
    ['text/plain', ' {"a":1}', false, 'json'],
    ['text/html', '<p>', false, 'text'],
    ['image/png', 'iVBO', true, 'image'],
    ['image/svg+xml', '<svg/>', false, 'image'],
    ['image/tiff', 'AAAA', true, 'hex'],
    ['application/octet-stream', 'AAAA', true, 'hex'],
  ])('of %s are shown in the form that suits them', (type, text, isBase64, form) => {
    expect(formOf(body(type, text, isBase64))).toBe(form);
  });

  test('give their bytes', () => {
    expect(bytesOf({ text: 'é', base64: false })).toEqual(Uint8Array.of(0xc3, 0xa9));
    expect(bytesOf({ text: base64('\x00\xff'), base64: true })).toEqual(Uint8Array.of(0, 255));
  });

  test('of images become safe addresses', () => {
    expect(imageUrl(body('image/PNG; x=y', 'AAAA', true))).toBe('data:image/png;base64,AAAA');
    expect(imageUrl(body('image/svg+xml', '<svg a="#"/>\ud800'))).toBe(
      'data:image/svg+xml,%3Csvg%20a%3D%22%23%22%2F%3E%EF%BF%BD',
    );
  });

  test('are undefined when nothing was sent', () => {
    const entry = wholeEntry({
      request: { method: 'GET' },
      response: { content: { size: 0, text: '' } },
    });
    expect(requestBody(entry)).toBeUndefined();
    expect(responseBody(entry)).toBeUndefined();
  });

  test('have their whole size, and say that they are truncated', () => {
    const entry = wholeEntry({
      request: { bodySize: 9, postData: { mimeType: 'a/b', text: 'AA==', _encoding: 'base64' } },
      response: { content: { size: 10, mimeType: 'text/plain', text: 'abc', _cut: true } },
    });
    expect(requestBody(entry)).toMatchObject({ base64: true, size: 9, cut: false });
    expect(responseBody(entry)).toMatchObject({ base64: false, size: 10, cut: true });
  });
});

test('an entry of another program is completed', () => {
  const entry = wholeEntry({
    request: { method: 'GET', url: 'http://a.test/', headers: [7, { name: 1 }] },
  });
  expect(entry.request.headers).toEqual([
    { name: '', value: '' },
    { name: '', value: '' },
  ]);
  expect(entry.request.cookies).toEqual([]);
  expect(entry.response.headers).toEqual([]);
  expect(timingParts(entry)).toEqual([]);
  expect(wholeEntry(null).response.content.mimeType).toBe('');
});

test('a hex dump shows offsets, bytes and what is printable', () => {
  const bytes = new TextEncoder().encode('GET / HTTP/1.1\r\nHost');
  expect(hexLineCount(bytes, 16)).toBe(2);
  expect(hexLine(bytes, 0, 16)).toEqual({
    offset: '000000',
    hex: '47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a',
    text: 'GET / HTTP/1.1..',
  });
  expect(hexLine(bytes, 1, 16)).toEqual({ offset: '000010', hex: '48 6f 73 74  ', text: 'Host' });
});

test('messages have a text for each kind', () => {
  const message = (opcode: number, data: string) =>
    ({ type: 'send', time: 0, opcode, data }) as const;
  expect(messageText(message(1, 'hi'))).toBe('hi');
  expect(messageText(message(2, base64('ab')))).toBe('binary');
  expect(messageText(message(8, base64('\x03\xe8bye')))).toBe('close 1000 bye');
  expect(messageText(message(8, ''))).toBe('close');
  expect(messageText(message(11, ''))).toBe('opcode 11');
  expect(messageBody(message(2, base64('ab')))).toMatchObject({ base64: true, size: 2 });
  expect(messageBody(message(1, 'é'))).toMatchObject({ base64: false, size: 2 });
});

test('phases follow each other, without those that did not happen', () => {
  const timings = { blocked: 1, dns: -1, connect: 4, ssl: 2, send: 0, wait: 10, receive: 3 };
  expect(timingParts({ timings }).map(({ id, from }) => [id, from])).toEqual([
    ['blocked', 0],
    ['connect', 1],
    ['send', 5],
    ['wait', 5],
    ['receive', 15],
  ]);
});
