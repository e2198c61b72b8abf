import type { ExchangeParts } from './exchanges.ts';

/** A request by what matters about it, whoever it goes to. */
export type HardRequest = Omit<ExchangeParts, 'url'> & { readonly target: string };

// `{"a":1}`; what zlib makes of it differs from version to version.
const GZIPPED_JSON = Buffer.from('H4sIAAAAAAAAA6tWSlSyMqwFAK+sG1YHAAAA', 'base64');
const BOUNDARY = '----WebKitFormBoundaryAbCdEf';
const multipart = (...lines: (string | Buffer)[]): Buffer =>
  Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\r\n')])));
const form = (text: string): Pick<HardRequest, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: text,
});
const json = (text: string): Pick<HardRequest, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/json']],
  body: text,
});
const formData = (...lines: (string | Buffer)[]): Pick<HardRequest, 'headers' | 'body'> => ({
  headers: [['Content-Type', `multipart/form-data; boundary=${BOUNDARY}`]],
  body: multipart(...lines),
});
export const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** Requests that are easily changed on the way through a file and a runner. */
export const hardRequests: readonly HardRequest[] = [
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
    body: GZIPPED_JSON,
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
