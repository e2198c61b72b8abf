import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isRestrictedHeader } from '../../src/collection/restricted-headers.ts';
import type { Exchange, Header } from '../../src/exchange.ts';
import type { ExportOptions } from '../../src/exporters/exporter.ts';
import { renderText } from '../helpers/collections.ts';
import { type SeenRequest, startEchoServer } from '../helpers/echo-server.ts';
import { type ExchangeParts, exchange } from '../helpers/exchanges.ts';
import { newFolder } from '../helpers/folder.ts';
import { runCollection, runnerNames } from '../helpers/runners.ts';

type Hard = Omit<ExchangeParts, 'url'> & { readonly target: string };

const BOUNDARY = '----WebKitFormBoundaryAbCdEf';
const multipart = (...lines: (string | Buffer)[]): Buffer =>
  Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\r\n')])));
const form = (text: string): Pick<Hard, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: text,
});
const json = (text: string): Pick<Hard, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/json']],
  body: text,
});
const formData = (...lines: (string | Buffer)[]): Pick<Hard, 'headers' | 'body'> => ({
  headers: [['Content-Type', `multipart/form-data; boundary=${BOUNDARY}`]],
  body: multipart(...lines),
});
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

const HARD: readonly Hard[] = [
  { target: '/' },
  { target: '/plain?b=2&a=1&b=3' },
  { target: '/valueless?flag&empty=&=nameless&' },
  { target: '/gaps?a=1&&b=2&&' },
  { target: '/question?' },
  { target: '/encoded%20space/%E4%BD%A0?q=%20+%2B&r=%zz%' },
  { target: '/unencoded/{curly}/"quote"/<angle>?q={a}&r="b"&s=<c>\'d' },
  { target: '//double//slashes///' },
  { target: '/dots/../and/./dots' },
  { target: '/:name/colon/:id?x=:y' },
  { target: '/semi;colon=1,comma@at|pipe^caret`tick?[brackets]=1&a[]=2' },
  { target: '/url/http://other.test/path?next=http://other.test/?a=b&c=d' },
  { target: '/braces/{{baseUrl}}/{{bearer_token}}?q={{unknown}}&r={{a&b}}' },
  { target: '/braces-body', ...json('{"a":"{{baseUrl}}","b":"{{x}}"}') },
  { target: '/dynamic-body', ...json('{"id":"{{$guid}}","at":"{{$timestamp}}"}') },
  { target: '/dynamic-form', ...form('id=%7B%7B%24guid%7D%7D&b=2') },
  { target: '/method', method: 'PROPFIND' },
  { target: '/method', method: 'M-SEARCH' },
  { target: '/options', method: 'OPTIONS' },
  { target: '/head', method: 'HEAD' },
  { target: '/delete', method: 'DELETE', ...json('{"ids":[1]}') },
  { target: '/get-with-body', method: 'GET', ...json('{"query":{"match_all":{}}}') },
  { target: '/empty-post', method: 'POST' },
  { target: '/empty-post-length', method: 'POST', headers: [['Content-Length', '0']] },
  { target: '/no-type', method: 'POST', body: 'a text without a type' },
  { target: '/no-headers', headers: [] },
  {
    target: '/headers',
    headers: [
      ['X-Twice', 'one'],
      ['x-twice', 'two'],
      ['X-Empty', ''],
      ['constructor', 'kept'],
      ['X-Latin', 'caf\u00e9'],
      ['Accept', 'application/json'],
      ['Cache-Control', 'max-age=0'],
      ['X-Braces', '{{not_a_variable}}'],
      ['Authorization', 'Bearer abc.def'],
    ],
  },
  {
    target: '/restricted',
    headers: [
      ['User-Agent', 'recorded/1.0'],
      ['Accept-Encoding', 'gzip'],
      ['Referer', 'http://other.test/'],
      ['Sec-Fetch-Mode', 'cors'],
      ['Cookie', 'a=1; b=2'],
    ],
  },
  { target: '/redirect', response: { status: 302, headers: [['Location', '/elsewhere']] } },
  { target: '/json', ...json('{ "spaced" : [1, 2.50, 12345678901234567890], "u": "\\u00e9" }') },
  { target: '/json-comment', ...json('{"url":"http://x//y","c":"/* not one */"}') },
  { target: '/json-broken', ...json('{"a":1} // not JSON\n{"b":2} /* at all */') },
  {
    target: '/xml',
    headers: [['Content-Type', 'text/xml']],
    body: '<?xml version="1.0"?><a>é</a>\r\n',
  },
  {
    target: '/text',
    headers: [['Content-Type', 'text/plain']],
    body: '\ufeffmark\r\nline\ttab\u2028sep 😀',
  },
  { target: '/form', ...form('name=J%C3%BCrgen&city=New+York&empty=&a=1&a=2') },
  { target: '/form-order', ...form('a=1&b=2&a=3') },
  { target: '/form-numbers', ...form('b=1&10=x&2=y') },
  { target: '/form-valueless', ...form('flag&b=2') },
  { target: '/form-latin', ...form('a=%FC') },
  {
    target: '/form-odd-type',
    headers: [['Content-Type', 'Application/X-WWW-Form-Urlencoded']],
    body: 'a=1',
  },
  {
    target: '/form-charset',
    headers: [['content-type', 'application/x-www-form-urlencoded; charset=UTF-8']],
    body: 'a=1&b=%26',
  },
  {
    target: '/multipart',
    ...formData(
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="text"',
      '',
      'välue\r\nlines',
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="empty"',
      '',
      '',
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="meta"',
      'Content-Type: application/json',
      '',
      '{"a":1}',
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="file"; filename="photo 1.png"',
      'Content-Type: image/png',
      '',
      everyByte,
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="none"; filename=""',
      'Content-Type: application/octet-stream',
      '',
      '',
      `--${BOUNDARY}--`,
    ),
  },
  {
    target: '/multipart-folder',
    ...formData(
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="file"; filename="folder/photo.png"',
      'Content-Type: image/png',
      '',
      everyByte,
      `--${BOUNDARY}--`,
    ),
  },
  {
    target: '/multipart-odd',
    ...formData(
      `--${BOUNDARY}`,
      'Content-Disposition: form-data; name="a"',
      'X-Part: 1',
      '',
      'b',
      `--${BOUNDARY}--`,
    ),
  },
  { target: '/binary', headers: [['Content-Type', 'application/octet-stream']], body: everyByte },
  { target: '/binary-untyped', method: 'PUT', body: everyByte },
  {
    target: '/gzip',
    headers: [
      ['Content-Type', 'application/json'],
      ['Content-Encoding', 'gzip'],
    ],
    body: gzipSync('{"a":1}'),
  },
  {
    target: '/latin-body',
    headers: [['Content-Type', 'text/plain; charset=iso-8859-1']],
    body: Buffer.from('caf\u00e9', 'latin1'),
  },
  { target: '/null-body', headers: [['Content-Type', 'text/plain']], body: 'a\0b' },
  {
    target: '/graphql',
    ...json(
      '{"query":"query Q($id: ID!) { user(id: $id) { name } }","operationName":"Q","variables":{"id":"42"}}',
    ),
  },
  {
    target: '/graphql',
    ...json('{"operationName":"Q","variables":{},"query":"query Q {\\n  me { name }\\n}"}'),
  },
  { target: '/search', ...json('{"query":"shoes"}') },
];

function recorded(origin: string): Exchange[] {
  return HARD.map(({ target, headers = [], ...rest }) =>
    exchange({
      ...rest,
      url: `${origin}${target}`,
      headers: [['Host', new URL(origin).host], ...headers],
    }),
  );
}

async function replay(
  runner: (typeof runnerNames)[number],
  exchanges: readonly Exchange[],
  options: Partial<ExportOptions>,
  values: Record<string, string> = {},
): Promise<void> {
  const folder = await newFolder();
  await mkdir(join(folder, 'recorded.files'));
  const attach = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, 'recorded.files', basename(name)), bytes);
    return `recorded.files/${basename(name)}`;
  };
  const file = join(folder, 'recorded.json');
  await writeFile(file, await renderText(exchanges, { attach, ...options }));
  await runCollection(runner, file, values);
}

/** What a request says, with what a runner may write another way taken out. */
function said(method: string, target: string, headers: readonly Header[], body: Buffer) {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const boundary = /boundary=(.*)/.exec(type)?.[1];
  const without = (text: string) => (boundary ? text.replaceAll(boundary, 'BOUNDARY') : text);
  const kept = headers
    .filter(([name]) => !isRestrictedHeader(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${without(value)}`)
    .sort();
  const isForm = /^application\/x-www-form-urlencoded/.test(type);
  const text = without(body.toString('latin1'));
  const isGraphql = /\/graphql/.test(target);
  const content = isForm
    ? [...new URLSearchParams(text)]
    : isGraphql
      ? JSON.parse(body.toString())
      : text;
  return { method, target, headers: kept, content };
}

async function expectSame(seen: readonly SeenRequest[], exchanges: readonly Exchange[]) {
  for (const [index, { request }] of exchanges.entries()) {
    const target = request.url.replace(/^http:\/\/[^/]*/, '');
    const body = Buffer.from((await request.body?.bytes()) ?? []);
    const got = seen[index];
    expect(got && said(got.method, got.target, got.headers, got.body)).toEqual(
      said(request.method, target, request.headers, body),
    );
  }
  expect(seen).toHaveLength(exchanges.length);
}

describe.each(runnerNames)('%s', (runner) => {
  test(`replays ${HARD.length} hard requests as they were recorded`, async () => {
    const { origin, seen } = await startEchoServer();
    const exchanges = recorded(origin);
    await replay(runner, exchanges, { secrets: 'keep' });
    await expectSame(seen, exchanges);
  });

  test('replays them with hosts written out and nothing put together, too', async () => {
    const { origin, seen } = await startEchoServer();
    const exchanges = recorded(origin);
    await replay(runner, exchanges, { secrets: 'keep', variables: false, dedupe: false });
    await expectSame(seen, exchanges);
  });

  test('adds no header that was not recorded but Host and Connection', async () => {
    const { origin, seen } = await startEchoServer();
    const headers: Header[] = [['Host', new URL(origin).host]];
    // The server sets a cookie each time, which the recorded client did not send back.
    const response = { headers: [['Set-Cookie', 'visited=yes; Path=/'] as const] };
    const exchanges = ['GET', 'POST', 'DELETE'].map((method) =>
      exchange({ url: `${origin}/bare`, method, headers, response }),
    );
    await replay(runner, exchanges, {});
    expect(seen.map((request) => request.headers.map(([name]) => name.toLowerCase()))).toEqual([
      ['host', 'connection'],
      ['host', 'connection'],
      ['host', 'connection'],
    ]);
  });

  test('sends restricted headers when they were kept, and no cookies of its own', async () => {
    const { origin, seen } = await startEchoServer();
    const headers: Header[] = [
      ['Host', new URL(origin).host],
      ['User-Agent', 'recorded/1.0'],
      ['Accept-Encoding', 'identity'],
      ['Origin', 'http://other.test'],
      ['Referer', 'http://other.test/page'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Cookie', 'sid=1; theme=dark'],
      ['Content-Length', '9999'],
      ['Transfer-Encoding', 'chunked'],
      ['Trailer', 'Expires'],
      ['Expect', '100-continue'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ];
    const url = `${origin}/all`;
    const exchanges = [
      exchange({ url: `${origin}/first` }),
      exchange({ url, headers, body: 'a=b+c' }),
    ];
    await replay(runner, exchanges, { secrets: 'keep', restrictedHeaders: true });
    const got = new Map(seen[1]!.headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const name of [
      'user-agent',
      'accept-encoding',
      'origin',
      'referer',
      'sec-fetch-site',
      'cookie',
    ]) {
      expect([name, got.get(name)]).toEqual([
        name,
        headers.find(([key]) => key.toLowerCase() === name)?.[1],
      ]);
    }
    expect(seen[1]!.body.toString()).toBe('a=b%20c');
  });

  test('sends secrets again when their variables are given', async () => {
    const { origin, seen } = await startEchoServer();
    const values: Record<string, string> = {};
    const onSecret = (variable: string, value: string) => {
      values[variable] = value;
    };
    const headers: Header[] = [
      ['Host', new URL(origin).host],
      ['Authorization', 'Bearer s3cret'],
      ['Cookie', 'sid=abc; theme=dark'],
    ];
    const exchanges = [exchange({ url: `${origin}/me`, headers })];
    await renderText(exchanges, { secrets: 'env', restrictedHeaders: true, onSecret });
    await replay(runner, exchanges, { secrets: 'env', restrictedHeaders: true }, values);
    const got = new Map(seen.at(-1)!.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(got.get('authorization')).toBe('Bearer s3cret');
    expect(got.get('cookie')).toBe('sid=abc; theme=dark');
  });
});
