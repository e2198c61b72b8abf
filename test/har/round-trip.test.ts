import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type {
  Exchange,
  Failure,
  Header,
  Outcome,
  RecordedResponse,
  WebSocketMessage,
} from '../../src/exchange.ts';
import { entryOf } from '../../src/har/entry.ts';
import { exchangeOf } from '../../src/har/exchange.ts';
import { exchange, failure, response } from '../helpers/exchanges.ts';
import { fc, runs } from '../helpers/properties.ts';
import { spelledOut } from '../helpers/spelled-out.ts';

/** Through JSON, as it travels. */
async function throughHar(original: Exchange): Promise<Exchange> {
  return exchangeOf(JSON.parse(JSON.stringify(await entryOf(original))), original.seq);
}

async function expectSame(original: Exchange): Promise<void> {
  expect(await spelledOut(await throughHar(original))).toEqual(await spelledOut(original));
}

const latin1 = Buffer.from('{"name":"Zoë"}', 'latin1');
const binary = Buffer.from([0, 1, 2, 255, 254, 0]);
const bytesOf = (whole: Uint8Array, cutTo: number) => ({ bytes: whole, cutTo });

describe('an exchange survives a round trip through HAR:', () => {
  const rows: Record<string, Exchange> = {
    'a plain GET': exchange(),
    'header lines with duplicates, order, case, empty values and the names of objects': exchange({
      headers: [
        ['x-b', '1'],
        ['X-A', ''],
        ['X-B', '2'],
        ['constructor', 'c'],
        ['__proto__', 'p'],
        ['X-Latin', 'Ã¼'],
      ],
      response: {
        headers: [
          ['Set-Cookie', 'a=1; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT'],
          ['set-cookie', 'b=2; Expires=nonsense'],
        ],
      },
    }),
    'a URL with braces, duplicates and broken escapes': exchange({
      url: 'http://api.test/{{id}}/%zz?a=1&a&=&b=%20+|#x',
    }),
    'JSON both ways': exchange({ body: '{"a":1}', response: { body: '{"b":"ü"}' } }),
    'a body of no bytes': exchange({ body: '', response: { body: '' } }),
    'binary bodies': exchange({ body: binary, response: { body: binary } }),
    'text in Latin-1': exchange({
      headers: [['Content-Type', 'application/json; charset=iso-8859-1']],
      body: latin1,
      response: { headers: [['Content-Type', 'text/html; charset=iso-8859-1']], body: latin1 },
    }),
    'text that is not in the charset it names': exchange({
      headers: [['Content-Type', 'text/plain; charset=utf-8']],
      body: latin1,
      response: { headers: [['Content-Type', 'text/plain; charset=utf-16']], body: binary },
    }),
    'text with a byte order mark': exchange({
      body: '\uFEFF{}',
      response: {
        headers: [['Content-Type', 'text/plain']],
        body: Buffer.from('fffe6100', 'hex'),
      },
    }),
    'a form': exchange({
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: 'a=1&b=%20+&=&c',
    }),
    'a compressed request': exchange({
      headers: [['Content-Encoding', 'gzip, br']],
      body: brotliCompressSync(gzipSync('{"a":1}')),
    }),
    'an answer in a coding that nobody knows': exchange({
      response: { headers: [['Content-Encoding', 'sesame']], body: binary },
    }),
    'bodies that were cut': exchange({
      body: bytesOf(Buffer.from('0123456789'), 4),
      response: { body: bytesOf(Buffer.from('0123456789'), 0) },
    }),
    'no answer because nobody listened': exchange({ response: null }),
    'an answer that broke off': exchange({
      outcome: {
        kind: 'failed',
        reason: { kind: 'reset', message: 'socket hang up' },
        partial: response({ status: 206, body: 'beg' }),
      },
    }),
    'one that the client gave up': exchange({ outcome: { kind: 'aborted' } }),
    'one that the end of the recording cut off': exchange({
      outcome: { kind: 'unfinished', partial: response({ body: 'data: 1\n\n' }) },
    }),
    'a request whose answer was not to be recorded': exchange({ outcome: { kind: 'completed' } }),
    'trailers and interim answers': withMore({
      trailers: [['Grpc-Status', '0']],
      informational: [{ status: 103, headers: [['Link', '</a.css>; rel=preload']] }],
    }),
    'timings, addresses and rewritten headers': {
      ...exchange(),
      timings: { connectedMs: 0.3, sentMs: 12.7, headMs: 4.1, endMs: 99.9 },
      connection: { client: '127.0.0.1:50000', upstream: '[::1]:443' },
      rewritten: ['Origin'],
    },
    'a WebSocket': webSocket(),
  };
  test.each(Object.entries(rows))('%s', async (_, original) => {
    await expectSame(original);
  });
});

function withMore(more: Partial<RecordedResponse>): Exchange {
  return exchange({ outcome: { kind: 'completed', response: { ...response(), ...more } } });
}

function webSocket(): Exchange {
  const list: WebSocketMessage[] = [
    { from: 'client', at: 1_700_000_000_123, opcode: 1, data: Buffer.from('hellö') },
    { from: 'server', at: 1_700_000_000_999, opcode: 2, data: binary },
    { from: 'server', at: 1_700_000_001_001, opcode: 8, data: Buffer.from([3, 232]) },
  ];
  return {
    ...exchange({ url: 'https://api.test/live', response: { status: 101 } }),
    webSocket: {
      count: 5,
      cut: true,
      closed: { code: 1000, reason: '' },
      messages: async function* () {
        yield* list;
      },
    },
  };
}

test('a compressed response is read decoded, and is written as the same entry again', async () => {
  const original = exchange({
    response: {
      headers: [
        ['Content-Type', 'application/json'],
        ['Content-Encoding', 'gzip'],
      ],
      body: gzipSync('{"a":1}'),
    },
  });
  const again = await throughHar(original);
  const { outcome } = await spelledOut(again);
  expect(outcome.answer?.body).toEqual({
    size: 7,
    encoding: [],
    bytes: Buffer.from('{"a":1}').toString('base64'),
  });
  const [first, second] = [await entryOf(original), await entryOf(again)];
  expect(first.response.content).toMatchObject({ size: 7, text: '{"a":1}' });
  expect(second.response.content.text).toBe(first.response.content.text);
});

test('any exchange survives a round trip through HAR', async () => {
  await fc.assert(
    fc.asyncProperty(anyExchange(), async (original) => expectSame(original)),
    { numRuns: runs(300) },
  );
});

function anyExchange(): fc.Arbitrary<Exchange> {
  return fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'QUERY', 'patch'),
      path: fc.webUrl({ withQueryParameters: true }),
      headers: headerList(),
      body: fc.option(anyBody(), { nil: undefined }),
      outcome: anyOutcome(),
      startedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      endMs: fc.integer({ min: 0, max: 1_000_000 }).map((tenths) => tenths / 10),
    })
    .map(({ method, path, headers, body, outcome, startedAt, endMs }) => ({
      ...exchange({ method, url: path, headers, ...(body && { body }), outcome }),
      startedAt,
      timings: { endMs },
    }));
}

function anyOutcome(): fc.Arbitrary<Outcome> {
  const answer = fc
    .record({
      status: fc.integer({ min: 100, max: 999 }),
      statusText: fc.string(),
      headers: headerList(),
      body: fc.option(anyBody(), { nil: undefined }),
    })
    .map(({ body, ...parts }) => response({ ...parts, ...(body && { body }) }));
  const kinds: Failure['kind'][] = ['refused', 'tls', 'timeout', 'protocol', 'loop', 'other'];
  return fc.oneof(
    answer.map((response): Outcome => ({ kind: 'completed', response })),
    answer.map((partial): Outcome => ({ kind: 'aborted', partial })),
    fc.record({ kind: fc.constantFrom(...kinds), message: fc.string() }).map((reason) => ({
      ...failure(reason.kind, reason.message),
    })),
  );
}

function anyBody(): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
  );
}

/** Content codings would have to be those of the body; they have rows of their own. */
function headerList(): fc.Arbitrary<Header[]> {
  const name = fc
    .stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
    .filter((text) => !/^content-encoding$/i.test(text));
  const value = fc.stringMatching(/^[\t\x20-\x7e\xa0-\xff]*$/);
  const type = fc.constantFrom(
    'application/json',
    'text/html; charset=windows-1251',
    'text/plain; charset=shift_jis',
    'image/png',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  );
  return fc.array(
    fc.oneof(
      fc.tuple(name, value),
      type.map((text): Header => ['Content-Type', text]),
    ),
    { maxLength: 6 },
  );
}
