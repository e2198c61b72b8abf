import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Body, responseOf } from '../../src/exchange.ts';
import { exchangeOf } from '../../src/har/exchange.ts';
import { decodeContent } from '../../src/http/content-coding.ts';
import { convertedTo, harEntry, textOf } from '../helpers/cases.ts';
import { harComplaints } from '../helpers/har.ts';

const json = '{"text":"still compressed"}';

function answered(bytes: Buffer, coding: string) {
  const headers = [
    { name: 'Content-Type', value: 'application/json' },
    { name: 'Content-Encoding', value: coding },
  ];
  const content = { size: bytes.length, encoding: 'base64', text: bytes.toString('base64') };
  return harEntry({ response: { headers, content } });
}

const bodyOf = (entry: object) => responseOf(exchangeOf(entry, 1).outcome)?.body;

async function decoded(body: Body | undefined): Promise<string> {
  const found = decodeContent((await body?.bytes()) ?? new Uint8Array(), body?.encoding ?? []);
  return 'fault' in found ? found.fault : Buffer.from(found.bytes).toString();
}

describe('a body that BrowserMob left compressed is recognised:', () => {
  test.each([
    ['gzip', gzipSync(json)],
    ['x-gzip', gzipSync(json)],
    ['GZIP', gzipSync(json)],
    ['br', brotliCompressSync(json)],
    ['deflate', deflateSync(json)],
    ['deflate', deflateRawSync(json)],
    ['gzip, br', brotliCompressSync(gzipSync(json))],
    ['identity, gzip', gzipSync(json)],
  ])('%s', async (coding, bytes) => {
    const body = bodyOf(answered(bytes, coding));
    expect(body?.size).toBe(bytes.length);
    expect(await decoded(body)).toBe(json);
  });

  test('zstd', () => {
    const body = bodyOf(answered(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2]), 'zstd'));
    expect(body?.encoding).toEqual(['zstd']);
  });

  test('every format has it decoded', async () => {
    const entries = [answered(brotliCompressSync(json), 'br')];
    for (const format of ['har', 'postman', 'openapi'] as const)
      expect(await convertedTo(format, entries), format).toContain('still compressed');
    expect(harComplaints(JSON.parse(await convertedTo('har', entries)))).toBeNull();
  });

  test('a request keeps the header that says so', async () => {
    const headers = [{ name: 'Content-Encoding', value: 'gzip' }];
    const text = gzipSync(json).toString('base64');
    const postData = { mimeType: 'application/json', text, encoding: 'base64' };
    const { request } = exchangeOf(harEntry({ request: { method: 'POST', headers, postData } }), 1);
    expect(request.headers).toContainEqual(['Content-Encoding', 'gzip']);
    expect(await decoded(request.body)).toBe(json);
  });
});

test.each([
  ['gzip', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ['br', Buffer.from('no brotli at all')],
  ['br', brotliCompressSync(json).subarray(0, 12)],
  ['br', Buffer.alloc(0)],
  ['deflate', Buffer.from([0xff, 0xfe, 0xfd])],
  ['identity', gzipSync(json)],
  ['compress', gzipSync(json)],
  ['', gzipSync(json)],
])('a decoded body is unchanged, although its header says %j', (coding, bytes) => {
  expect(bodyOf(answered(bytes, coding))?.encoding).toEqual([]);
});

describe('a body that is no text, as HTTP Toolkit writes it,', () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  const sent = (request: object) => exchangeOf(harEntry({ request }), 1).request;
  const content = { size: 4, encoding: 'base64', text: bytes.toString('base64') };

  test('is the body of the request', async () => {
    const { body } = sent({
      method: 'POST',
      bodySize: 4,
      _requestBodyStatus: 'discarded:not-representable',
      _content: content,
    });
    expect(body?.size).toBe(4);
    expect(await body?.bytes()).toEqual(bytes);
  });

  test('is ignored when there is a text', async () => {
    const postData = { mimeType: 'text/plain', text: 'text' };
    expect(await textOf(sent({ method: 'POST', postData, _content: content }).body)).toBe('text');
    const empty = { mimeType: 'image/png', text: '' };
    const { body, headers } = sent({ method: 'POST', postData: empty, _content: content });
    expect(await body?.bytes()).toEqual(bytes);
    expect(headers).toContainEqual(['Content-Type', 'image/png']);
  });

  test('is ignored when it has another form', () => {
    expect(sent({ _content: 'text' }).body).toBeUndefined();
  });

  test('that was too long is a truncated body', () => {
    const { body } = sent({
      method: 'POST',
      bodySize: 9,
      _requestBodyStatus: 'discarded:too-large',
    });
    expect(body).toMatchObject({ size: 9, cut: true });
  });
});
