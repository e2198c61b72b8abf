import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { attachments, renderItem } from '../helpers/collections.ts';
import { exchange } from '../helpers/exchanges.ts';

const typed = (type: string): [string, string][] => [
  ['Host', 'api.test'],
  ['Content-Type', type],
];

async function bodyOf(type: string, body: string | Uint8Array, attach = attachments().attach) {
  const { request } = await renderItem(exchange({ headers: typed(type), body }), { attach });
  return request.body;
}

describe('a URL', () => {
  test('is written in parts that agree with its raw form', async () => {
    const url = 'https://api.example.com:8443/a%20b/:id//?x=1&flag&x=&&';
    const { request } = await renderItem(exchange({ url }), { variables: false });
    expect(request.url).toEqual({
      raw: url,
      protocol: 'https',
      host: ['api', 'example', 'com'],
      port: '8443',
      path: ['a%20b', ':id', '', ''],
      query: [
        { key: 'x', value: '1' },
        { key: 'flag', value: null },
        { key: 'x', value: '' },
        { key: null, value: null },
        { key: '', value: null },
      ],
    });
  });

  test('of an IPv6 host keeps its brackets', async () => {
    const { request } = await renderItem(exchange({ url: 'http://[::1]:8080/' }), {
      variables: false,
    });
    expect(request.url).toMatchObject({ host: ['[::1]'], port: '8080', path: [''] });
  });

  test('does not contain its password', async () => {
    const { request } = await renderItem(exchange({ url: 'http://joe:pa55@api.test/' }));
    expect(request.url.raw).toBe('http://joe:{{url_password}}@api.test/');
    expect(request.url.auth).toEqual({ user: 'joe', password: '{{url_password}}' });
  });
});

describe('headers', () => {
  test('that are restricted are left out, with the families Proxy-* and Sec-*', async () => {
    const { request } = await renderItem(
      exchange({
        headers: [
          ['Host', 'api.test'],
          ['User-Agent', 'x'],
          ['sec-ch-ua', 'x'],
          ['Proxy-Connection', 'x'],
          ['ORIGIN', 'x'],
          ['X-Kept', 'x'],
        ],
      }),
    );
    expect(request.header).toEqual([{ key: 'X-Kept', value: 'x' }]);
  });

  test('that are restricted are kept when asked for; those that frame the body are not sent', async () => {
    const { request } = await renderItem(
      exchange({
        headers: [
          ['Host', 'api.test'],
          ['Content-Length', '3'],
        ],
        body: 'abc',
      }),
      { restrictedHeaders: true },
    );
    expect(request.header).toEqual([
      { key: 'Host', value: 'api.test' },
      { key: 'Content-Length', value: '3', disabled: true },
    ]);
  });

  test('of one name are spelled as the first of them', async () => {
    const { request } = await renderItem(
      exchange({
        headers: [
          ['X-Tag', 'a'],
          ['x-tag', 'b'],
        ],
      }),
    );
    expect(request.header.map(({ key }) => key)).toEqual(['X-Tag', 'X-Tag']);
  });

  test('of HTTP/2 that are pseudo-headers are left out', async () => {
    const headers: [string, string][] = [
      [':authority', 'api.test'],
      ['x-kept', 'y'],
    ];
    const { request } = await renderItem(exchange({ headers, httpVersion: '2.0' }));
    expect(request.header).toEqual([{ key: 'x-kept', value: 'y' }]);
  });
});

describe('a body', () => {
  test('of JSON is raw, with its language', async () => {
    expect(await bodyOf('application/problem+json', '{"a": 1.0}')).toEqual({
      mode: 'raw',
      raw: '{"a": 1.0}',
      options: { raw: { language: 'json' } },
    });
  });

  test.each([
    ['text/xml', 'xml'],
    ['text/html', 'html'],
    ['application/javascript', 'javascript'],
    ['text/plain', 'text'],
  ])('of type %s has the language %s', async (type, language) => {
    expect(await bodyOf(type, '<a/>')).toMatchObject({ options: { raw: { language } } });
  });

  test('that is called JSON but has comments is not called JSON, or the runner would take them out', async () => {
    expect(await bodyOf('application/json', '{} // really')).toMatchObject({
      raw: '{} // really',
      options: { raw: { language: 'text' } },
    });
  });

  test('of an urlencoded form is written decoded', async () => {
    const body = await bodyOf('application/x-www-form-urlencoded', 'q=a+b%26c&empty=&q=%C3%BC');
    expect(body).toMatchObject({ mode: 'raw' });
    expect(await bodyOf('application/x-www-form-urlencoded', 'q=a+b%26c&q=%C3%BC&empty=')).toEqual({
      mode: 'urlencoded',
      urlencoded: [
        { key: 'q', value: 'a b&c' },
        { key: 'q', value: 'ü' },
        { key: 'empty', value: '' },
      ],
    });
  });

  test('of JSON that is called a form is raw: a runner would escape it', async () => {
    const raw = '{"token":"bWFkZS11cA=="}';
    const body = await bodyOf('application/x-www-form-urlencoded', raw);
    expect(body).toMatchObject({ mode: 'raw', raw: '{"token":"{{token}}"}' });
  });

  test('of GraphQL is taken apart, its variables kept as text', async () => {
    const text = '{"query":"{ me { id } }","variables":{"n":1}}';
    expect(await bodyOf('application/json', text)).toEqual({
      mode: 'graphql',
      graphql: { query: '{ me { id } }', variables: '{"n":1}' },
    });
  });

  test('of a multipart form has its parts, files beside the output and no Content-Type of its own', async () => {
    const { attach, files } = attachments();
    const lines = [
      '--b',
      'Content-Disposition: form-data; name="note"',
      '',
      'hello',
      '--b',
      'Content-Disposition: form-data; name="up"; filename="ä b.bin"',
      'Content-Type: application/x-thing',
      '',
      'bytes',
      '--b--',
      '',
    ];
    const recorded = exchange({
      headers: typed('multipart/form-data; boundary=b'),
      body: lines.join('\r\n'),
    });
    const { request } = await renderItem(recorded, { attach });
    const [name] = [...files.keys()];
    expect(files.get(name!)?.toString()).toBe('bytes');
    expect(name).toMatch(/^[0-9a-f]{16}-_b\.bin$/);
    expect(request.header).toEqual([]);
    expect(request.body).toEqual({
      mode: 'formdata',
      formdata: [
        { key: 'note', value: 'hello', type: 'text' },
        {
          key: 'up',
          type: 'file',
          src: `recorded.files/${name}`,
          fileName: 'ä b.bin',
          contentType: 'application/x-thing',
        },
      ],
    });
  });

  test('of a multipart form with a file stays raw where nothing can be stored', async () => {
    const text =
      '--b\r\nContent-Disposition: form-data; name="up"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n';
    const recorded = exchange({ headers: typed('multipart/form-data; boundary=b'), body: text });
    const { request } = await renderItem(recorded);
    expect(request.body).toMatchObject({ mode: 'raw', raw: text });
    expect(request.header).toHaveLength(1);
  });

  test.each([
    ['binary', 'application/octet-stream', Buffer.from([0, 255, 254])],
    ['Latin-1', 'text/plain', Buffer.from('caf\u00e9', 'latin1')],
    ['holding a dynamic variable', 'text/plain', Buffer.from('id={{$guid}}')],
  ])('that is %s goes to a file of its own', async (_, type, bytes) => {
    const { attach, files } = attachments();
    const body = await bodyOf(type, bytes, attach);
    const [[name, stored] = []] = [...files];
    expect(stored).toEqual(bytes);
    expect(body).toEqual({ mode: 'file', file: { src: `recorded.files/${name}` } });
  });

  test('that is compressed goes to a file as it was sent', async () => {
    const { attach, files } = attachments();
    const bytes = gzipSync('{}');
    const headers: [string, string][] = [
      ...typed('application/json'),
      ['Content-Encoding', 'gzip'],
    ];
    await renderItem(exchange({ headers, body: bytes }), { attach });
    expect([...files.values()]).toEqual([bytes]);
  });

  test('that is binary is left out with a note when no file can be written', async () => {
    const { request } = await renderItem(exchange({ body: Buffer.from([0, 1, 2]) }));
    expect(request.body).toBeUndefined();
    expect(request.description).toContain('3 bytes');
  });

  test('that was truncated has a note', async () => {
    const recorded = exchange({ body: { bytes: Buffer.from('abcdef'), cutTo: 2 } });
    const { request } = await renderItem(recorded);
    expect(request.body).toMatchObject({ raw: 'ab' });
    expect(request.description).toMatch(/first 2 of the 6 bytes/);
  });
});

describe('a note on what cannot be replayed', () => {
  test.each([
    ['a dynamic variable in the URL', { url: 'http://api.test/{{$guid}}' }, /dynamic variable/],
    ['a header named __proto__', { headers: [['__proto__', 'x'] as const] }, /__proto__/],
    ['a backslash in the path', { url: 'http://api.test/a\\b' }, /backslash/],
    ['a method in lower case', { method: 'patch' }, /patch/],
    ['trailers', { trailers: [['X-Sum', '1'] as const] }, /trailers/],
  ])('is added: %s', async (_, parts, expected) => {
    const { request } = await renderItem(exchange(parts));
    expect(request.description).toMatch(expected);
  });

  test('is missing from an ordinary request', async () => {
    const { request } = await renderItem(
      exchange({ url: 'http://api.test/a?b={{c}}', body: '{}' }),
    );
    expect(request.description).toBeUndefined();
  });
});
