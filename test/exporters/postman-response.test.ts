import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Header } from '../../src/exchange.ts';
import { render, renderItem } from '../helpers/collections.ts';
import { exchange, failure, type ResponseParts, response } from '../helpers/exchanges.ts';

async function exampleOf(parts: ResponseParts) {
  const { response: examples } = await renderItem(exchange({ response: parts }));
  expect(examples).toHaveLength(1);
  return examples[0]!;
}

const encoded = (coding: string, body: Uint8Array): ResponseParts => ({
  headers: [
    ['Content-Type', 'application/json'],
    ['Content-Encoding', coding],
  ],
  body,
});

test('an answer becomes an example with the request it answers', async () => {
  const { request, response: examples } = await renderItem(
    exchange({
      url: 'http://api.test/a',
      response: { status: 418, statusText: 'Short', headers: [['X-A', 'b']], body: 'tea' },
    }),
  );
  expect(examples[0]).toMatchObject({
    name: '418 Short',
    originalRequest: request,
    status: 'Short',
    code: 418,
    header: [{ key: 'X-A', value: 'b' }],
    cookie: [],
    body: 'tea',
    _postman_previewlanguage: 'text',
  });
});

test('a status without a phrase, as in HTTP/2, gets the usual one', async () => {
  expect(await exampleOf({ status: 404 })).toMatchObject({
    status: 'Not Found',
    name: '404 Not Found',
  });
});

test.each([
  ['gzip', gzipSync('{"a":1}')],
  ['deflate', deflateSync('{"a":1}')],
  ['deflate', deflateRawSync('{"a":1}')],
  ['br', brotliCompressSync('{"a":1}')],
  ['zstd', Buffer.from('KLUv/QRYOQAAeyJhIjoxfUiL/DI=', 'base64')],
  ['gzip, br', brotliCompressSync(gzipSync('{"a":1}'))],
])('a body in %s is decoded', async (coding, body) => {
  expect(await exampleOf(encoded(coding, body))).toMatchObject({ body: '{"a":1}' });
});

test('a body in an unknown coding keeps its headers, with a note on the missing text', async () => {
  const example = await exampleOf(encoded('compress', Buffer.from('xyz')));
  expect(example.body).toBeNull();
  expect(example.name).toBe(
    '200 OK (body of 3 bytes not decoded: unknown content coding compress)',
  );
  expect(example.header).toHaveLength(2);
});

test('a body that is not in its declared coding keeps its headers, with a note', async () => {
  const example = await exampleOf(encoded('gzip', Buffer.from('not gzip')));
  expect(example.body).toBeNull();
  expect(example.name).toMatch(/^200 OK \(body of 8 bytes not decoded: gzip: /);
});

test('a truncated compressed body is decoded up to the cut', async () => {
  const whole = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 7).join(' ')));
  const example = await exampleOf({
    headers: [
      ['Content-Encoding', 'gzip'],
      ['Content-Type', 'text/plain'],
    ],
    body: { bytes: whole, cutTo: whole.length - 9 },
  });
  expect(example.body).toMatch(/^0 1 2 3 4 5 6 0 1/);
  expect(example.name).toMatch(/beginning/);
});

test('a decompression bomb is not decoded', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
  const example = await exampleOf(encoded('gzip', bomb));
  expect(example.body).toBeNull();
  expect(example.name).toMatch(/not decoded: gzip: /);
});

test('a picture has a null body with a note on its type', async () => {
  const example = await exampleOf({
    headers: [['Content-Type', 'image/png']],
    body: Buffer.from([137, 80, 78, 71]),
  });
  expect(example).toMatchObject({ body: null, name: '200 OK (image/png, 4 bytes)' });
});

test('cookies are listed with domain and path, their values replaced as in the header', async () => {
  const { response: examples } = await renderItem(
    exchange({
      url: 'http://api.test/deep/page',
      response: {
        headers: [
          ['Set-Cookie', 'sid=s3cret; HttpOnly; Secure; Max-Age=60; Path=/'],
          ['set-cookie', 'theme=dark; Domain=.Example.test'],
        ],
      },
    }),
  );
  expect(examples[0]!.cookie).toEqual([
    {
      name: 'sid',
      value: '{{cookie_sid}}',
      domain: 'api.test',
      hostOnly: true,
      path: '/',
      maxAge: '60',
      httpOnly: true,
      secure: true,
      session: false,
    },
    {
      name: 'theme',
      value: 'dark',
      domain: 'example.test',
      hostOnly: false,
      path: '/deep',
      httpOnly: false,
      secure: false,
      session: true,
    },
  ]);
  expect(examples[0]!.header[0]!.value).toBe(
    'sid={{cookie_sid}}; HttpOnly; Secure; Max-Age=60; Path=/',
  );
});

test('a failed exchange is a request without an example that says why', async () => {
  const item = await renderItem(exchange({ outcome: failure('refused', 'nobody listens') }));
  expect(item.response).toEqual([]);
  expect(item.request.description).toContain('(refused): nobody listens');
});

test('a response that broke off has a note', async () => {
  const partial = response({ status: 200, body: 'half' });
  const item = await renderItem(exchange({ outcome: { kind: 'aborted', partial } }));
  expect(item.response).toEqual([]);
  expect(item.request.description).toMatch(/client disconnected.*200 and 4 bytes/);
});

test('the data of a stream that was in flight when the recording stopped is an example', async () => {
  const partial = response({
    headers: [['Content-Type', 'text/event-stream']],
    body: 'data: 1\n\n',
  });
  const item = await renderItem(exchange({ outcome: { kind: 'unfinished', partial } }));
  expect(item.response.map(({ body }) => body)).toEqual(['data: 1\n\n']);
  expect(item.request.description).toContain('recording stopped');
});

test('examples repeat the request without its notes', async () => {
  const recorded = exchange({ method: 'patch', response: {} });
  const item = await renderItem(recorded);
  const { description, ...request } = item.request;
  expect(description).toBeDefined();
  expect(item.response[0]!.originalRequest).toEqual(request);
});

test('identical requests are one item in the place of the first, each different answer an example', async () => {
  const poll = (body: string) => exchange({ url: 'http://api.test/poll', response: { body } });
  const { item } = await render([
    exchange({ url: 'http://api.test/first' }),
    poll('1'),
    exchange({ url: 'http://api.test/between' }),
    poll('2'),
    poll('1'),
  ]);
  expect(item.map(({ name }) => name)).toEqual(['GET /first', 'GET /poll', 'GET /between']);
  expect(item[1]!.response.map(({ body }) => body)).toEqual(['1', '2']);
});

test('requests that differ only in omitted parts are identical', async () => {
  const headers = (agent: string): Header[] => [['User-Agent', agent]];
  const recorded = [exchange({ headers: headers('a') }), exchange({ headers: headers('b') })];
  expect((await render(recorded)).item).toHaveLength(1);
  expect((await render(recorded, { restrictedHeaders: true })).item).toHaveLength(2);
});

test('multipart forms are identical whatever their boundary', async () => {
  const form = (boundary: string) =>
    exchange({
      headers: [['Content-Type', `multipart/form-data; boundary=${boundary}`]],
      body: `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--${boundary}--\r\n`,
    });
  expect((await render([form('x1'), form('y22')])).item).toHaveLength(1);
});

test('identical requests stay separate with their own ids when asked for', async () => {
  const { item } = await render([exchange(), exchange()], { dedupe: false });
  expect(new Set(item.map(({ id }) => id)).size).toBe(2);
});
