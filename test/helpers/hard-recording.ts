import type { Exchange, Header, Recording, WebSocketMessage } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, failure, recordingOf, response } from './exchanges.ts';
import { everyByte, hardRequests } from './hard-requests.ts';

const API = 'http://api.test';
const FILES = 'https://files.test:8443';
const json: Header = ['Content-Type', 'application/json'];
const text: Header = ['Content-Type', 'text/plain; charset=utf-8'];

/**
 * One recording with everything that is hard to write down: the hard requests, and answers, failures and WebSockets.
 * Each time the same, so that what is rendered of it can be compared with a golden file.
 */
export function hardRecording(): Recording {
  const requests = hardRequests.map(({ target, headers = [], ...parts }) => ({
    ...parts,
    url: `${API}${target}`,
    headers: [['Host', 'api.test'] as const, ...headers],
  }));
  const parts = [...requests, ...answers, ...texts, ...hosts, ...endings];
  return recordingOf([...parts.map(exchange), ...webSockets()].map(withFixedFacts));
}

/** Nothing of these may depend on what else a test has made before. */
function withFixedFacts(made: Exchange, index: number): Exchange {
  const startedAt = Date.UTC(2024, 1, 29, 12) + index * 1500;
  return {
    ...made,
    id: `hard-${index + 1}`,
    seq: index + 1,
    startedAt,
    timings: { connectedMs: 2.5, sentMs: 3, headMs: 12.25, endMs: 20.125 },
    connection: { client: '127.0.0.1:50000', upstream: '192.0.2.7:443' },
  };
}

const answers: ExchangeParts[] = [
  {
    url: `${API}/users?page=1`,
    headers: [
      ['Host', 'api.test'],
      ['Authorization', 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl'],
      ['Cookie', 'sid=0123456789abcdef; theme=dark'],
    ],
    response: {
      statusText: 'OK',
      headers: [
        ['content-type', 'application/json; charset=utf-8'],
        ['Set-Cookie', 'sid=fedcba9876543210; Path=/; HttpOnly; Secure; SameSite=Lax'],
        ['Set-Cookie', 'seen=yes; Expires=Thu, 29 Feb 2024 12:00:00 GMT; Domain=.api.test'],
        ['X-Quote', '"quoted" and \\backslashed\\ caf\u00e9'],
        ['Vary', 'Accept'],
        ['vary', 'Origin'],
      ],
      body: '{"users":[{"id":42,"name":"J\u00fcrgen \ud83d\ude00","token":"s3cret-value"}]}',
    },
  },
  // The same request, answered in other ways.
  { url: `${API}/same`, response: { headers: [json], body: '{"state":"new"}' } },
  { url: `${API}/same`, response: { headers: [json], body: '{"state":"old"}' } },
  { url: `${API}/same`, response: { status: 503, headers: [text], body: 'busy\r\n' } },
  {
    url: `${API}/gzipped`,
    response: {
      headers: [json, ['Content-Encoding', 'gzip']],
      body: Buffer.from(
        'H4sIAAAAAAAAA6tWSs7PLShKLS5OTVGyUkqvyixQ0lHKU7KKNtQx0jGOrQUArFqhRyEAAAA=',
        'base64',
      ),
    },
  },
  {
    url: `${API}/gzip-broken`,
    response: {
      headers: [json, ['Content-Encoding', 'gzip']],
      body: Buffer.from('1f8b0800', 'hex'),
    },
  },
  {
    url: `${API}/coded-oddly`,
    response: { headers: [text, ['Content-Encoding', 'x-odd']], body: 'as it came' },
  },
  {
    url: `${API}/latin`,
    response: {
      headers: [['Content-Type', 'text/html; charset=iso-8859-1']],
      body: Buffer.from('<p title="\u00e9">caf\u00e9</p>\n', 'latin1'),
    },
  },
  {
    url: `${API}/utf-16`,
    response: {
      headers: [['Content-Type', 'text/plain']],
      body: Buffer.from('\ufeffh\u00f6h', 'utf16le'),
    },
  },
  {
    url: `${API}/picture.png`,
    response: { headers: [['Content-Type', 'image/png']], body: everyByte },
  },
  { url: `${API}/no-type`, response: { body: 'a text without a type' } },
  { url: `${API}/empty`, method: 'DELETE', response: { status: 204, statusText: 'No Content' } },
  { url: `${API}/unchanged`, response: { status: 304, headers: [['ETag', 'W/"1"']] } },
  {
    url: `${API}/missing`,
    response: {
      status: 404,
      statusText: 'Not Found, "really"',
      headers: [['Content-Type', 'application/problem+json']],
      body: '{"title":"Not found"}',
    },
  },
  {
    url: `${API}/login`,
    headers: [
      ['Host', 'api.test'],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    body: 'username=ada&password=l0velace%21&remember=',
    response: { status: 302, headers: [['Location', '/home?from=login']] },
  },
  {
    url: `${API}/search?api_key=k3y-of-the-api&q=a%20b`,
    response: { headers: [json], body: '[]' },
  },
];

// Texts that a format may take for something else: YAML's markers, numbers and comments, a shell's and .http's syntax.
const texts: ExchangeParts[] = [
  '---\n# no comment\n... : [',
  '  leading\n\ttab and trailing  \n\n',
  '1e3',
  'yes',
  'it\'s $HOME `pwd` "$(id)" \\ %s !! | > @file\n### not a separator\n< ./not-a-file',
  'control \u0001\u001b[31m\u007f\u0085\u2028\ufeff end',
  `${'long '.repeat(60)}end`,
].map((body, index) => ({
  url: `${API}/texts/${index}`,
  headers: [['Host', 'api.test'], text],
  body,
  response: { headers: [text], body },
}));

const hosts: ExchangeParts[] = [
  { url: `${FILES}/Case`, response: { body: 'upper' } },
  { url: `${FILES}/case`, response: { body: 'lower' } },
  { url: `${FILES}/odd\\name:*?"<>|=1`, httpVersion: '2.0', headers: [] },
  { url: `${FILES}/${'deep/'.repeat(40)}end` },
  { url: 'http://[::1]:8080/six', response: { headers: [json], body: '{"ip":6}' } },
  { url: 'https://ada:l0ve@files.test:8443/signed-in' },
  { url: FILES },
  { url: `${API}/lower`, method: 'patch', body: 'x', trailers: [['X-Checksum', 'abc']] },
  {
    url: `${API}/proto`,
    headers: [
      ['Host', 'api.test'],
      ['__proto__', 'kept'],
    ],
  },
];

const begun = response({
  status: 206,
  headers: [['Content-Type', 'text/plain']],
  body: { bytes: Buffer.from('only the beginning of it'), cutTo: 8 },
});

const endings: ExchangeParts[] = [
  { url: `${API}/refused`, outcome: failure('refused', 'connect ECONNREFUSED 192.0.2.7:80') },
  { url: `${API}/expired`, outcome: failure('tls', 'certificate has "expired"') },
  {
    url: `${API}/broken-off`,
    outcome: {
      kind: 'failed',
      reason: { kind: 'reset', message: 'socket hang up' },
      partial: begun,
    },
  },
  { url: `${API}/left`, outcome: { kind: 'aborted', partial: begun } },
  { url: `${API}/left-early`, outcome: { kind: 'aborted' } },
  {
    url: `${API}/events`,
    outcome: {
      kind: 'unfinished',
      partial: response({
        headers: [['Content-Type', 'text/event-stream']],
        body: 'event: a\ndata: {"n":1}\n\n',
      }),
    },
  },
  { url: `${API}/unanswered`, outcome: { kind: 'completed' } },
  {
    url: `${API}/cut`,
    headers: [['Host', 'api.test'], json],
    body: { bytes: Buffer.from('{"list":[1,2,3]}'), cutTo: 10 },
    response: { headers: [json], body: { bytes: Buffer.from('{"list":[1,2,3]}'), cutTo: 10 } },
  },
];

function webSockets(): Exchange[] {
  const at = Date.UTC(2024, 1, 29, 13);
  const message = (
    from: 'client' | 'server',
    opcode: number,
    data: Uint8Array | string,
    after: number,
  ) => ({ from, at: at + after, opcode, data: Buffer.from(data) }) satisfies WebSocketMessage;
  const messages = [
    message('client', 1, '{"hello":"w\u00f6rld"}', 0),
    message('server', 2, everyByte, 10),
    message('server', 9, '', 20),
    message('client', 10, '', 21),
    message('server', 1, 'line\nbreak "quoted"', 30),
    message('client', 8, Buffer.from([0x03, 0xe8]), 40),
  ];
  const upgrade: Header[] = [
    ['Host', 'chat.test'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ];
  const open = exchange({
    url: 'https://chat.test/room?ticket=0n3-time',
    headers: upgrade,
    response: {
      status: 101,
      statusText: 'Switching Protocols',
      headers: [['Upgrade', 'websocket']],
    },
  });
  return [
    {
      ...open,
      webSocket: {
        count: messages.length,
        closed: { code: 1000, reason: '' },
        async *messages() {
          yield* messages;
        },
      },
    },
    // One that the server did not open is a request like any other.
    exchange({ url: 'https://chat.test/closed', headers: upgrade, response: { status: 403 } }),
  ];
}
