import { describe, expect, test } from 'vitest';
import { exchangeOf } from '../../src/har/exchange.ts';
import { readEntry } from '../../src/har/schema.ts';
import type { Call } from '../../src/interceptor/capture/call.ts';
import { entryOf, maxBodySize } from '../../src/interceptor/capture/entry.ts';
import { postDataOf } from '../../src/interceptor/capture/post-data.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

function call(parts: Partial<Call> = {}): Call {
  return {
    ...{
      id: '1',
      tabId: 1,
      type: 'xmlhttprequest',
      method: 'GET',
      url: 'https://a.test/x?q=1#top',
    },
    ...{ startedAt: 1000, sentAt: 1010, endedAt: 1100, requestHeaders: [] },
    response: { status: 200, statusLine: 'HTTP/1.1 200 OK', headers: [], at: 1050 },
    ...parts,
  };
}

describe('the entry of a call', () => {
  test('is one that the client reads', () => {
    const entry = entryOf(call({ requestHeaders: [{ name: 'Cookie', value: 'a=1; b=2' }] }));
    expect(() => readEntry(entry, 'entry')).not.toThrow();
    expect(entry.timings).toEqual({ blocked: 10, send: 0, wait: 40, receive: 50 });
    const exchange = exchangeOf(entry, 1);
    expect(exchange.request).toMatchObject({ url: 'https://a.test/x?q=1', httpVersion: '1.1' });
    expect(exchange.outcome).toMatchObject({ kind: 'completed', response: { status: 200 } });
  });

  test('has the status 0 and the error of a call without a response', () => {
    const failed = entryOf(call({ response: undefined, error: 'net::ERR_CONNECTION_REFUSED' }));
    expect(failed.response).toMatchObject({ status: 0, _error: 'net::ERR_CONNECTION_REFUSED' });
    expect(exchangeOf(failed, 1).outcome).toMatchObject({
      kind: 'failed',
      reason: { kind: 'refused' },
    });
    const aborted = entryOf(call({ response: undefined, error: 'net::ERR_ABORTED' }));
    expect(exchangeOf(aborted, 1).outcome).toEqual({ kind: 'aborted' });
  });

  test('reads header values that are not UTF-8 as Latin-1', () => {
    const headers = [{ name: 'X', binaryValue: [0x63, 0x61, 0x66, 0xe9] }];
    const response = { status: 200, statusLine: 'HTTP/1.1 200 OK', headers, at: 1050 };
    expect(entryOf(call({ response })).response.headers).toEqual([{ name: 'X', value: 'café' }]);
  });

  test('cuts a long response body, and says so', () => {
    const body = 'é'.repeat(maxBodySize + 1);
    const { content } = entryOf(call(), { response: { body, base64Encoded: false } }).response;
    expect(content.text).toHaveLength(maxBodySize);
    expect(content).toMatchObject({ size: 2 * (maxBodySize + 1), _cut: true });
    const whole = entryOf(call(), { response: { body: 'AP8B', base64Encoded: true } });
    expect(whole.response.content).toMatchObject({ text: 'AP8B', encoding: 'base64', size: 3 });
    expect(whole.response.content).not.toHaveProperty('_cut');
  });
});

describe('a request body', () => {
  test('of a form has its fields', () => {
    const formData = { a: ['1 2'], b: ['ü', 'x'] };
    expect(postDataOf({ formData }, 'application/x-www-form-urlencoded', 1000)).toEqual({
      mimeType: 'application/x-www-form-urlencoded',
      params: [
        { name: 'a', value: '1 2' },
        { name: 'b', value: 'ü' },
        { name: 'b', value: 'x' },
      ],
      text: 'a=1+2&b=%C3%BC&b=x',
    });
  });

  test('of a multipart form is written from its fields, with the boundary that was sent', async () => {
    const type = 'multipart/form-data; boundary=XX';
    const posted = call({
      method: 'POST',
      requestHeaders: [{ name: 'Content-Type', value: type }],
      requestBody: { formData: { a: ['1'] } },
    });
    const { body } = exchangeOf(entryOf(posted), 1).request;
    expect(Buffer.from((await body?.bytes()) ?? []).toString()).toBe(
      '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--\r\n',
    );
  });

  test('is base64 where it is not text', () => {
    const raw = [{ bytes: Uint8Array.of(0, 255, 1).buffer }];
    expect(postDataOf({ raw }, '', 1000)).toMatchObject({ text: 'AP8B', _encoding: 'base64' });
  });

  test('is marked as cut where a part of it is missing', () => {
    const text = bytesOf('--X\r\nfilename="a.txt"\r\n\r\n');
    const withFile = { raw: [{ bytes: text }, { bytes: bytesOf('\r\n--X--') }] };
    expect(postDataOf(withFile, 'multipart/form-data; boundary=X', 1000)?._cut).toBe(true);
    expect(postDataOf({ raw: [{ file: '/a' }] }, '', 1000)?._cut).toBe(true);
    expect(postDataOf({ error: 'Unknown error.' }, '', 1000)).toMatchObject({
      text: '',
      _cut: true,
    });
    expect(postDataOf({ raw: [{ bytes: bytesOf('12345') }] }, '', 3)).toMatchObject({
      text: '123',
      _cut: true,
    });
    expect(postDataOf({ raw: [{ bytes: bytesOf('123') }] }, '', 3)).not.toHaveProperty('_cut');
  });
});
