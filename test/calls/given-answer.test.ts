import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { givenAnswer } from '../../src/calls/given-answer.ts';
import type { Header } from '../../src/exchange.ts';
import { type ResponseParts, response } from '../helpers/exchanges.ts';

const TEN: ResponseParts = {
  body: '0123456789',
  headers: [
    ['ETag', '"v1"'],
    ['Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT'],
    ['Content-Length', '10'],
    ['Content-Type', 'text/plain'],
  ],
};

async function given(parts: ResponseParts, asked: readonly Header[] = [], method = 'GET') {
  const answer = await givenAnswer(response(parts), method, asked);
  return { ...answer, body: answer.body.toString() };
}

test('an answer is given as it was recorded, without what framed it on its connection', async () => {
  const headers: Header[] = [
    ['X-A', '1'],
    ['x-a', '2'],
    ['Transfer-Encoding', 'chunked'],
    ['Keep-Alive', 'timeout=5'],
  ];
  const answer = await given(
    { status: 201, statusText: 'Made', headers, body: 'made' },
    [],
    'POST',
  );
  expect(answer).toEqual({
    status: 201,
    statusText: 'Made',
    headers: headers.slice(0, 2),
    body: 'made',
    trailers: [],
  });
});

test('a body that was recorded decoded is not called gzip, and its length is that of what is sent', async () => {
  const headers: Header[] = [
    ['Content-Encoding', 'gzip'],
    ['Content-Length', '7'],
  ];
  const recorded = { ...response({ body: 'decoded text', headers }) };
  const body = { ...recorded.body!, encoding: [] };
  const answer = await givenAnswer({ ...recorded, body }, 'GET', []);
  expect(answer.headers).toEqual([['Content-Length', '12']]);
  const coded = response({ body: gzipSync('text'), headers: headers.slice(0, 1) });
  expect((await givenAnswer(coded, 'GET', [])).headers).toEqual([['Content-Encoding', 'gzip']]);
});

test.each<[condition: Header, status: number]>([
  [['If-None-Match', '"v1"'], 304],
  [['If-None-Match', '"v0", W/"v1"'], 304],
  [['If-None-Match', '*'], 304],
  [['If-None-Match', '"v2"'], 200],
  [['If-Modified-Since', 'Thu, 02 Jan 2025 00:00:00 GMT'], 304],
  [['If-Modified-Since', 'Tue, 31 Dec 2024 00:00:00 GMT'], 200],
  [['If-Modified-Since', 'yesterday'], 200],
])('a client that has the content and asks with %j gets %i', async (condition, status) => {
  const answer = await given(TEN, [condition]);
  expect(answer.status).toBe(status);
  expect(answer.body).toBe(status === 304 ? '' : '0123456789');
  if (status === 304) expect(answer.headers).toEqual(TEN.headers!.slice(0, 2));
});

test.each<[asked: Header[], status: number, body: string, range?: string]>([
  [[['Range', 'bytes=2-4']], 206, '234', 'bytes 2-4/10'],
  [[['Range', 'bytes=7-']], 206, '789', 'bytes 7-9/10'],
  [[['Range', 'bytes=-2']], 206, '89', 'bytes 8-9/10'],
  [[['Range', 'bytes=5-99']], 206, '56789', 'bytes 5-9/10'],
  [[['Range', 'bytes=10-']], 416, '', 'bytes */10'],
  [[['Range', 'bytes=0-1,3-4']], 200, '0123456789'],
  [[['Range', 'lines=1-2']], 200, '0123456789'],
  [
    [
      ['Range', 'bytes=0-0'],
      ['If-Range', '"v1"'],
    ],
    206,
    '0',
    'bytes 0-0/10',
  ],
  [
    [
      ['Range', 'bytes=0-0'],
      ['If-Range', '"v0"'],
    ],
    200,
    '0123456789',
  ],
])('a request with %j is answered with %i', async (asked, status, body, range) => {
  const answer = await given(TEN, asked);
  expect([answer.status, answer.body]).toEqual([status, body]);
  const lines = new Map(answer.headers.map(([name, value]) => [name, value]));
  expect(lines.get('Content-Range')).toBe(range);
  expect(lines.get('Content-Length')).toBe(String(body.length));
});
