import type { Cut, Field } from './wire.ts';

// What messages are combined of. All text is Latin-1, a character for each byte.

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

export const methods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'],
  ...['PURGE', 'QUERY', 'M-SEARCH', 'PROPFIND', 'MKCOL', 'REPORT', 'FOO', 'get', 'X.y!#$%&*+^`|~'],
];

export const targets = [
  ...['/', '/a', '/?', '/?a', '/a?b=&c&=d', '//', '//a//b/', '/a/../b/./c', '/a;b=c,d:e@f/!$()*'],
  ...['/%2F%2e%2E%00', '/a%20b?x=%C3%A9', '/%zz', '/a?b=/c?d', '/a|b^{c}`"<>\\', '/[x]?y[]=1'],
  ...[utf8('/café/日本?ü=ß'), '/caf\xe9', `/${'long/'.repeat(1500)}`, `/?${'q=1&'.repeat(1500)}`],
];

export const reasons = [
  ...['OK', '', 'Not Quite  OK', "It's\ta tab", 'd\xe9j\xe0 vu', utf8('naïve ☂'), 'x'.repeat(1000)],
];

export const statuses = [
  ...[200, 201, 202, 203, 206, 207, 226, 299, 300, 301, 302, 303, 307, 308, 399, 400, 401, 403],
  ...[404, 405, 407, 410, 412, 413, 416, 418, 421, 422, 425, 426, 429, 431, 451, 499, 500, 501],
  ...[502, 503, 504, 511, 520, 599, 204, 304, 205],
];

/** Header lines that may stand in requests and in answers. */
const anyFields: readonly (readonly Field[])[] = [
  [],
  [
    ['X-MiXeD-cAsE', 'a'],
    ['x_under_score', 'b'],
    ['X.Dot', 'c'],
    ["!#$%&'*+-.^_`|~", 'd'],
    ['1', 'e'],
  ],
  [
    ['X-Dup', '1'],
    ['Other', 'between'],
    ['x-dup', '2'],
    ['X-DUP', '1'],
  ],
  [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['toString', 'c'],
    ['hasOwnProperty', 'd'],
    ['__PROTO__', 'e'],
  ],
  [
    ['X-Empty', ''],
    ['X-Twice', ''],
    ['X-Twice', 'full'],
    ['Empty', ''],
  ],
  Array.from({ length: 500 }, (_, n): Field => [`X-Line-${n % 250}`, String(n)]),
  [
    ['X-Latin', 'caf\xe9 \xff\x80'],
    ['X-Utf8', utf8('日本')],
    ['X-Tab', 'a\tb'],
    ['X-Quoted', '"a, b"; c=\\"d\\"'],
  ],
  [['X-Long', 'v'.repeat(16_000)]],
  [
    ['Connection', 'X-Hop, keep-alive'],
    ['X-Hop', 'of one connection'],
    ['Keep-Alive', 'timeout=5'],
    ['X-Stays', 'a'],
  ],
  [
    ['Date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['Via', '1.0 before'],
    ['Trailer', 'X-Sum'],
    ['Warning', '199 - "old"'],
    ['Cache-Control', 'no-transform'],
  ],
];

export const requestFields: readonly (readonly Field[])[] = [
  ...anyFields,
  [
    ['Cookie', 'a=1'],
    ['User-Agent', ''],
    ['Cookie', 'b=2; c=3'],
    ['Accept', '*/*'],
    ['accept', 'text/html'],
  ],
  [
    ['TE', 'trailers'],
    ['Connection', 'TE'],
    ['Accept-Encoding', 'br;q=1.0, gzip'],
    ['Range', 'bytes=0-'],
    ['If-None-Match', '"x", W/"y"'],
    ['Authorization', 'Basic YTpi'],
    ['Origin', 'null'],
    ['Max-Age', '1'],
  ],
  [
    ['Content-Type', 'text/plain; charset=x'],
    ['Content-Encoding', 'gzip'],
    ['Referer', 'http://x/'],
    ['Forwarded', 'for=1'],
    ['X-Forwarded-For', '1, 2'],
  ],
];

export const answerFields: readonly (readonly Field[])[] = [
  ...anyFields,
  [
    ['Set-Cookie', 'a=1; Path=/'],
    ['Server', 'x'],
    ['set-cookie', 'b=2'],
    ['Set-Cookie', ''],
    ['WWW-Authenticate', 'Basic realm="a"'],
    ['WWW-Authenticate', 'Digest x'],
  ],
  [
    ['Location', '//elsewhere/a b'],
    ['ETag', 'W/"1"'],
    ['Content-Type', 'text/html'],
    ['Content-Encoding', 'unknown'],
    ['Retry-After', '1'],
    ['Vary', '*'],
    ['Link', '<a>; rel=b'],
    ['Link', '<c>; rel=d'],
  ],
  [
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'text/html'],
    ['Server', 'a'],
    ['server', 'b'],
    ['Age', '1'],
    ['Age', '2'],
  ],
];

export const cuts: readonly Cut[] = ['whole', 'lines', 'bytes'];

/** Bodies, as the pieces that make the chunks of one that is chunked. */
export const bodies: readonly (readonly string[])[] = [
  [],
  ['x'],
  ['one', ' and ', 'two'],
  'byte by byte\r\n0\r\n\r\n'.split(''),
  ['\0\r\n\xff\xfe', ''],
  ['HTTP/1.1 200 OK\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n'],
  ['a'.repeat(4095), 'b'.repeat(4097), 'c'],
  ['d'.repeat(70_000)],
];

/** What may stand behind a chunk's size (RFC 9112 7.1.1). */
export const extensions = ['', '', ';a', ';a=b;c="d e"', ' ;x=1'];

export const trailers: readonly (readonly Field[])[] = [
  [],
  [],
  [
    ['X-Sum', '1'],
    ['x-SUM', ''],
    ['__proto__', 'caf\xe9'],
  ],
];

/** Interim answers ahead of the final one (RFC 9110 15.2). */
export const interims: readonly string[] = [
  ...['', '', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nX-MiXeD: 1\r\n\r\n'],
  'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 \r\nLink: <b>\r\nLink: <c>\r\n\r\n',
  'HTTP/1.1 199 d\xe9j\xe0\r\nX-Empty:\r\n__proto__: a\r\n\r\n',
];
