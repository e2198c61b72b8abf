import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type Exchange, responseOf } from '../../src/exchange.ts';
import { exchangeOf } from '../../src/har/exchange.ts';

/** The least that an entry of another program holds, with other parts for some of it. */
function entry({ request, response, ...more }: Record<string, object | string | number> = {}) {
  return {
    startedDateTime: '2024-05-01T12:00:00.250+02:00',
    request: { method: 'GET', url: 'https://api.test/', ...(request as object) },
    response: { status: 200, ...(response as object) },
    ...more,
  };
}

const textOf = async (exchange: Exchange) => {
  const body = responseOf(exchange.outcome)?.body;
  return body && Buffer.from(await body.bytes()).toString();
};
const sentBy = async (exchange: Exchange) =>
  Buffer.from((await exchange.request.body?.bytes()) ?? []).toString();

/** What every request of HTTP/1.1 has. */
const host = ['Host', 'api.test'];

test('a minimal entry is an exchange', () => {
  expect(exchangeOf(entry(), 3)).toEqual({
    id: 'entry-3',
    seq: 3,
    startedAt: Date.UTC(2024, 4, 1, 10, 0, 0, 250),
    request: {
      method: 'GET',
      url: 'https://api.test/',
      httpVersion: '1.1',
      headers: [host],
    },
    outcome: {
      kind: 'completed',
      response: { status: 200, statusText: '', httpVersion: '1.1', headers: [] },
    },
    timings: { endMs: 0 },
    connection: {},
  });
});

test.each([
  ['HTTP/1.0', '1.0'],
  ['http/2.0', '2.0'],
  ['h2', '2.0'],
  ['HTTP/3', '3.0'],
  ['unknown', '1.1'],
])('the HTTP version %s is %s', (httpVersion, expected) => {
  const { request } = exchangeOf(entry({ request: { httpVersion } }), 1);
  expect(request.httpVersion).toBe(expected);
});

test('pseudo-headers are left out, and joined lines are split', () => {
  const headers = [
    { name: ':authority', value: 'api.test' },
    { name: 'set-cookie', value: 'a=1\nb=2' },
  ];
  const { outcome } = exchangeOf(entry({ response: { headers } }), 1);
  expect(responseOf(outcome)?.headers).toEqual([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
});

test.each([
  [0, 'net::ERR_NAME_NOT_RESOLVED', 'unknown-host'],
  [-1, 'net::ERR_CONNECTION_REFUSED', 'refused'],
  [0, 'net::ERR_CERT_AUTHORITY_INVALID', 'tls'],
  [0, 'net::ERR_TIMED_OUT', 'timeout'],
  [0, 'Server disconnected: connection reset', 'reset'],
  [0, 'net::ERR_CONTENT_LENGTH_MISMATCH', 'reset'],
  [0, '[Errno -2] Name or service not known', 'unknown-host'],
  [0, undefined, 'other'],
])('status %s with the error %s is a failure: %s', (status, _error, kind) => {
  const { outcome } = exchangeOf(entry({ response: { status, _error } }), 1);
  expect(outcome).toMatchObject({ kind: 'failed', reason: { kind } });
  expect(outcome).not.toHaveProperty('partial');
});

test.each([
  ['net::ERR_CONNECTION_REFUSED', 'refused'],
  ['NS_ERROR_UNKNOWN_HOST', 'unknown-host'],
  ['NS_ERROR_NET_PARTIAL_TRANSFER', 'reset'],
  ['NS_ERROR_GENERATE_FAILURE(NS_ERROR_MODULE_SECURITY, SSL_ERROR_RX_RECORD_TOO_LONG)', 'tls'],
])('a failure is what Playwright calls it: %s is %s', (_failureText, kind) => {
  const { outcome } = exchangeOf(entry({ response: { status: -1, _failureText } }), 1);
  expect(outcome).toEqual({ kind: 'failed', reason: { kind, message: _failureText } });
});

test('a request that the browser cancelled is aborted, with the data so far', async () => {
  const response = { status: 200, _error: 'net::ERR_ABORTED', content: { size: 3, text: 'beg' } };
  const exchange = exchangeOf(entry({ response }), 1);
  expect(exchange.outcome.kind).toBe('aborted');
  expect(await textOf(exchange)).toBe('beg');
});

test.each([204, 304])('a response %i is complete, although Chromium calls it aborted', (status) => {
  const response = { status, _error: 'net::ERR_ABORTED', content: { size: 0 } };
  expect(exchangeOf(entry({ response }), 1).outcome).toMatchObject({ kind: 'completed' });
});

test('missing content is a truncated body', async () => {
  const exchange = exchangeOf(entry({ response: { content: { size: 512, mimeType: 'x/y' } } }), 1);
  expect(responseOf(exchange.outcome)?.body).toMatchObject({ size: 512, cut: true });
  expect(await textOf(exchange)).toBe('');
});

test.each([
  ['HEAD', 200],
  ['GET', 101],
  ['GET', 204],
  ['GET', 304],
])(
  'an answer to %s with the status %i has no body, though Firefox writes one',
  (method, status) => {
    const content = { size: 6, mimeType: 'text/plain', text: 'cached' };
    const { outcome } = exchangeOf(
      entry({ request: { method }, response: { status, content } }),
      1,
    );
    expect(responseOf(outcome)).toMatchObject({ status });
    expect(responseOf(outcome)).not.toHaveProperty('body');
  },
);

test('a body that is shorter than announced is truncated', async () => {
  const headers = [{ name: 'Content-Length', value: '9' }];
  const content = { mimeType: 'text/plain', text: 'beg' };
  const { request, outcome } = exchangeOf(
    entry({
      request: { method: 'POST', headers, postData: content },
      response: { headers, content },
    }),
    1,
  );
  for (const body of [request.body, responseOf(outcome)?.body]) {
    expect(body).toMatchObject({ size: 9, cut: true });
    expect(Buffer.from((await body?.bytes()) ?? []).toString()).toBe('beg');
  }
});

test('a request body that was not kept is truncated', async () => {
  const exchange = exchangeOf(entry({ request: { method: 'DELETE', bodySize: 4 } }), 1);
  expect(exchange.request.body).toMatchObject({ size: 4, cut: true });
  expect(await sentBy(exchange)).toBe('');
  expect(exchangeOf(entry({ request: { bodySize: 0 } }), 1).request.body).toBeUndefined();
});

describe('a text is converted back to its bytes', () => {
  const sent = async (mimeType: string, bodySize: number, text: string, announced?: string) => {
    const headers = announced === undefined ? [] : [{ name: 'Content-Length', value: announced }];
    const request = { method: 'POST', headers, bodySize, postData: { mimeType, text } };
    return Buffer.from((await exchangeOf(entry({ request }), 1).request.body?.bytes()) ?? []);
  };
  const octets = 'application/octet-stream';

  test.each<[why: string, mimeType: string, bodySize: number, text: string, bytes: string]>([
    ['UTF-8 that was read as Latin-1', 'text/plain', 2, '\u00c3\u00bc', 'c3bc'],
    ['bytes that were read as Latin-1', octets, 3, '\0\u00ff\u00fe', '00fffe'],
    ['bytes that are no UTF-8', 'text/plain; charset=utf-8', 4, '\u00fc\udcff\udc80', 'c3bcff80'],
    ['a face beside such a byte', 'text/plain', 5, '\u{1f600}\udc80', 'f09f988080'],
    ['characters that were counted', 'text/plain', 3, 'f\u00fcr', '66c3bc72'],
    ['counted characters of no known type', octets, 3, 'f\u00fcr', '66c3bc72'],
    ['a length that was not told', octets, -1, '\0\u00ff', '00c3bf'],
    ['a length that means something else', octets, 9, '\0\u00ff', '00c3bf'],
  ])('%s', async (_, mimeType, bodySize, text, bytes) => {
    expect((await sent(mimeType, bodySize, text)).toString('hex')).toBe(bytes);
  });

  test('whose length its header tells, whatever else is said', async () => {
    const bytes = async (announced: string) =>
      (await sent('text/plain', 4, 'f\u00fcr', announced)).toString('hex');
    expect([await bytes('3'), await bytes('4'), await bytes('9'), await bytes('3, 3')]).toEqual([
      '66fc72',
      '66c3bc72',
      '66c3bc72',
      '66c3bc72',
    ]);
  });

  test('also where a part of it is missing', async () => {
    const bytes = async (type: string, text: string, announced: string) =>
      (await sent(type, text.length, text, announced)).toString('hex');
    expect(await bytes('multipart/form-data', '\u00fc\u00fe\u00ff', '5')).toBe('fcfeff');
    expect(await bytes(octets, '\u00ff\0', '9')).toBe('ff00');
    expect(await bytes('text/plain', '\u00c3\u00bc', '9')).toBe('c3bc');
    expect(await bytes('text/plain', '\u65e5', '9')).toBe('e697a5');
  });

  test('whose byte order mark is not shown', async () => {
    expect((await sent('application/json', 2, '{}', '5')).toString('hex')).toBe('efbbbf7b7d');
  });

  test('also where what crossed the wire was compressed', async () => {
    const content = { size: 3, compression: -1, mimeType: 'text/plain', text: '\u00c3\u00bc' };
    expect(await textOf(exchangeOf(entry({ response: { content } }), 1))).toBe('\u00fc');
  });
});

test('cookies that were joined with commas are split', () => {
  const setCookies = (value: string, ...names: string[]) => {
    const headers = [
      { name: 'Vary', value: 'a, b=1' },
      { name: 'set-cookie', value },
    ];
    const cookies = names.map((name) => ({ name, value: '' }));
    const { outcome } = exchangeOf(entry({ response: { headers, cookies } }), 1);
    return responseOf(outcome)?.headers.slice(1);
  };
  const date = 'a=1; Expires=Thu, 29 Feb 2024 12:00:00 GMT';
  expect(setCookies(`${date}, b=2, a=3`, 'a', 'b', 'a')).toEqual([
    ['set-cookie', date],
    ['set-cookie', 'b=2'],
    ['set-cookie', 'a=3'],
  ]);
  const odd = 'a=1, b=2';
  expect(setCookies(odd, 'a')).toEqual([['set-cookie', odd]]);
  expect(setCookies(odd, 'a', 'c')).toEqual([['set-cookie', odd]]);
});

test('text is written back in the charset that its headers name', async () => {
  const headers = [{ name: 'Content-Type', value: 'text/plain; charset=iso-8859-1' }];
  const { outcome } = exchangeOf(entry({ response: { headers, content: { text: 'ü' } } }), 1);
  const bytes = await responseOf(outcome)?.body?.bytes();
  expect(Buffer.from(bytes ?? []).toString('latin1')).toBe('ü');
});

test.each([
  ['application/x-www-form-urlencoded', 'a=1&b=+%26'],
  [
    'multipart/form-data; boundary=X',
    '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--X\r\nContent-Disposition: form-data; name="b"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n &\r\n' +
      '--X--\r\n',
  ],
])('the fields of %s become its body where that is missing', async (mimeType, expected) => {
  const params = [
    { name: 'a', value: '1' },
    { name: 'b', value: ' &', fileName: 'f.txt', contentType: 'text/plain' },
  ];
  const request = { method: 'POST', bodySize: -1, postData: { mimeType, params } };
  expect(await sentBy(exchangeOf(entry({ request }), 1))).toBe(expected);
});

test('null counts as absent', () => {
  const { request, outcome } = exchangeOf(
    entry({ request: { headers: [{ name: 'a', value: null }] }, response: { headers: null } }),
    1,
  );
  expect(request.headers).toEqual([host, ['a', '']]);
  expect(responseOf(outcome)?.headers).toEqual([]);
});

test.each([
  ['http://api.test/\u65e5?q=\u00fc&%zz', 'http://api.test/%E6%97%A5?q=%C3%BC&%zz'],
  [
    'https://me:p\u00fc@b\u00fccher.test:81/{{a}}',
    'https://me:p\u00fc@xn--bcher-kva.test:81/{{a}}',
  ],
  ['ws://\u65e5.test', 'http://xn--wgv.test'],
  ['http://[::1]:81/\u00fc', 'http://[::1]:81/%C3%BC'],
])('the URL %s is sent as %s', (url, sent) => {
  expect(exchangeOf(entry({ request: { url } }), 1).request.url).toBe(sent);
});

test('header values are Latin-1, as they cross the wire', () => {
  const headers = [
    { name: 'a', value: '\u00fc' },
    { name: 'b', value: '\u65e5' },
  ];
  expect(exchangeOf(entry({ request: { headers } }), 1).request.headers).toEqual([
    host,
    ['a', '\u00fc'],
    ['b', '\u00e6\u0097\u00a5'],
  ]);
});

test('a request that was written decoded has no Content-Encoding', async () => {
  const request = {
    headers: [
      { name: 'content-encoding', value: 'gzip' },
      { name: 'Content-Type', value: 'application/json' },
    ],
    postData: { mimeType: 'application/json', text: '{}' },
  };
  expect(exchangeOf(entry({ request }), 1).request.headers).toEqual([
    host,
    ['Content-Type', 'application/json'],
  ]);
});

test('durations add up to moments; those that did not happen are absent', () => {
  const timings = { blocked: 1, dns: -1, connect: -1, ssl: -1, send: 2, wait: 3, receive: 4 };
  expect(exchangeOf(entry({ time: 10, timings }), 1).timings).toEqual({
    sentMs: 3,
    headMs: 6,
    endMs: 10,
  });
});

test('the time of a TLS handshake is in that of connecting, or beside it as in Firefox', () => {
  const timings = { blocked: 1, dns: 2, connect: 8, ssl: 4, send: 0, wait: 5, receive: 6 };
  const connectedMs = (time: number) => exchangeOf(entry({ time, timings }), 1).timings.connectedMs;
  expect([connectedMs(22), connectedMs(26)]).toEqual([11, 15]);
});

test('the address of a server is read from every place where programs write it', () => {
  const { connection } = exchangeOf(entry({ serverIPAddress: '[::1]', _serverPort: 443 }), 1);
  expect(connection).toEqual({ upstream: '[::1]:443' });
});

test('a WebSocket of a browser keeps its messages and its handshake', async () => {
  const exchange = exchangeOf(
    {
      ...entry({ request: { url: 'wss://api.test/live' }, response: { status: 101 } }),
      _webSocketMessages: [{ type: 'receive', time: 1_700_000_000.25, opcode: 1, data: 'hi' }],
    },
    1,
  );
  expect(exchange.request.url).toBe('https://api.test/live');
  expect(exchange.webSocket?.count).toBe(1);
  for await (const message of exchange.webSocket?.messages() ?? [])
    expect(message).toEqual({
      from: 'server',
      at: 1_700_000_000_250,
      opcode: 1,
      data: Buffer.from('hi'),
    });
});

test.each<[string, unknown, string]>([
  ['no object', 7, 'log.entries[4] must be an object, not a number.'],
  ['no request', { startedDateTime: '2024-01-01' }, 'log.entries[4].request is missing.'],
  ['no URL', entry({ request: { url: '' } }), 'log.entries[4].request.url is empty.'],
  [
    'a path',
    entry({ request: { url: '/a' } }),
    'log.entries[4].request.url is not an absolute URL.',
  ],
  [
    'no host',
    entry({ request: { url: 'http:///a' } }),
    'log.entries[4].request.url is not an absolute URL.',
  ],
  [
    'a date that is none',
    { ...entry(), startedDateTime: 'soon' },
    'log.entries[4].startedDateTime is not a date.',
  ],
  [
    'a header without a name',
    entry({ request: { headers: [{ name: 'a', value: '1' }, { value: '2' }] } }),
    'log.entries[4].request.headers[1].name is missing.',
  ],
  [
    'a text that is none',
    entry({ response: { content: { text: {} } } }),
    'log.entries[4].response.content.text must be a string, not an object.',
  ],
])('an entry with %s is refused with its place', (_, bad, message) => {
  expect(() => exchangeOf(bad, 5)).toThrow(new UserError(message));
});
