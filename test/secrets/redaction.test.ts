import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type Exchange,
  type Header,
  responseOf,
  type WebSocketMessage,
} from '../../src/exchange.ts';
import { redactExchange, redactRecording } from '../../src/secrets/redact/recording.ts';
import { createSecrets, type SecretsOptions } from '../../src/secrets/secrets.ts';
import { variableNames } from '../../src/secrets/variables.ts';
import { type ExchangeParts, exchange, failure, recordingOf } from '../helpers/exchanges.ts';

const secretsOf = (options: Partial<SecretsOptions> = {}) =>
  createSecrets({
    mode: 'redact',
    names: variableNames([]),
    redact: ['pin', 'ticket'],
    ...options,
  });

const redacted = (parts: ExchangeParts) => redactExchange(exchange(parts), secretsOf());

async function requestText({ request }: Exchange): Promise<string> {
  return Buffer.from((await request.body?.bytes()) ?? []).toString();
}

test('secrets are removed from the headers and trailers of both messages', async () => {
  const { request, outcome } = await redacted({
    headers: [
      ['Host', 'api.test'],
      ['Authorization', 'Bearer made-up-1'],
    ],
    trailers: [['Pin', 'made-up-2']],
    response: { headers: [['Set-Cookie', 'a=made-up-3; Path=/']] },
  });
  expect(request.headers).toEqual([
    ['Host', 'api.test'],
    ['Authorization', 'Bearer {{bearer_token}}'],
  ]);
  expect(request.trailers).toEqual([['Pin', '{{pin}}']]);
  expect(responseOf(outcome)?.headers).toEqual([['Set-Cookie', 'a={{cookie_a}}; Path=/']]);
});

test('the userinfo and the query of a URL lose their secrets, and the rest is unchanged', async () => {
  const { request } = await redacted({
    url: 'http://me:made-up@api.test:81/a?pin=1234567&q=%20#f',
  });
  expect(request.url).toBe('http://me:{{url_password}}@api.test:81/a?pin={{pin}}&q=%20#f');
});

test.each([
  ['application/json', '{"a": 1, "pin" : "made-up"}', '{"a": 1, "pin" : "{{pin}}"}'],
  ['application/x-www-form-urlencoded', 'a=b+c&pin=made-up', 'a=b+c&pin={{pin}}'],
  [
    'multipart/form-data; boundary=X',
    '--X\r\nContent-Disposition: form-data; name="pin"\r\n\r\nmade-up\r\n--X--\r\n',
    '--X\r\nContent-Disposition: form-data; name="pin"\r\n\r\n{{pin}}\r\n--X--\r\n',
  ],
])('a body of %s keeps its structure', async (type, body, expected) => {
  expect(await requestText(await redacted({ headers: [['Content-Type', type]], body }))).toBe(
    expected,
  );
});

test('a compressed body is decoded if it holds a secret, and unchanged otherwise', async () => {
  const compressed = (text: string) =>
    redacted({
      headers: [
        ['Content-Type', 'application/json'],
        ['Content-Encoding', 'gzip'],
      ],
      body: gzipSync(text),
    });
  const secret = await compressed('{"pin":"made-up"}');
  expect(secret.request.body?.encoding).toEqual([]);
  expect(await requestText(secret)).toBe('{"pin":"{{pin}}"}');
  const plain = await compressed('{"a":"b"}');
  expect(plain.request.body?.encoding).toEqual(['gzip']);
  expect(gunzipSync((await plain.request.body?.bytes()) ?? new Uint8Array()).toString()).toBe(
    '{"a":"b"}',
  );
});

test('binary content is unchanged', async () => {
  const bytes = Buffer.from('"pin":"made-up"\0\xff', 'latin1');
  const { request } = await redacted({ headers: [['Content-Type', 'image/png']], body: bytes });
  expect(await request.body?.bytes()).toBe(bytes);
  const unknown = await redacted({ headers: [], body: bytes });
  expect(await unknown.request.body?.bytes()).toEqual(bytes);
});

test.each(['utf-16le', 'latin1'] as const)('a text in %s keeps its charset', async (charset) => {
  const type = `application/json; charset=${charset === 'latin1' ? 'iso-8859-1' : charset}`;
  const body = Buffer.from('{"é":1,"pin":"mäde-up"}', charset);
  const { request } = await redacted({ headers: [['Content-Type', type]], body });
  expect(Buffer.from((await request.body?.bytes()) ?? []).toString(charset)).toBe(
    '{"é":1,"pin":"{{pin}}"}',
  );
});

test('a body is not read before it is asked for', async () => {
  const original = exchange({ body: '{"pin":"made-up"}' });
  let reads = 0;
  const bytes = async () => {
    reads += 1;
    return Buffer.from('{"pin":"made-up"}');
  };
  const request = { ...original.request, body: { size: 17, encoding: [], bytes } };
  const result = await redactExchange({ ...original, request }, secretsOf());
  expect(reads).toBe(0);
  expect(await requestText(result)).toBe('{"pin":"{{pin}}"}');
});

test('text messages of a WebSocket are redacted', async () => {
  const message = (opcode: number, data: Uint8Array): WebSocketMessage => ({
    from: 'client',
    at: 1,
    opcode,
    data,
  });
  const messages = [
    message(1, Buffer.from('{"ticket":"made-up"}')),
    message(2, Buffer.from([0, 1, 0xff])),
    message(8, Buffer.from('\x03\xe8{"ticket":"made-up"}', 'latin1')),
  ];
  const { webSocket } = await redactExchange(
    {
      ...exchange(),
      webSocket: {
        count: 3,
        closed: { code: 1000, reason: '{"ticket":"made-up"}' },
        async *messages() {
          yield* messages;
        },
      },
    },
    secretsOf(),
  );
  const written = [];
  for await (const { data } of webSocket?.messages() ?? [])
    written.push(Buffer.from(data).toString('latin1'));
  expect(written).toEqual([
    '{"ticket":"{{ticket}}"}',
    '\x00\x01\xff',
    '\x03\xe8{"ticket":"{{ticket}}"}',
  ]);
  expect(webSocket?.closed?.reason).toBe('{"ticket":"{{ticket}}"}');
});

test('the reason of a failure has no secret', async () => {
  const { outcome } = await redacted({ outcome: failure('other', 'bad {"pin":"made-up"}') });
  expect(outcome.kind === 'failed' && outcome.reason.message).toBe('bad {"pin":"{{pin}}"}');
});

test('a recording can be read again, in another order, with the same variables', async () => {
  const recording = redactRecording(
    recordingOf([
      exchange({ headers: [['Cookie', 'a=made-up-1']] }),
      exchange({ headers: [['Cookie', 'a=made-up-2']] }),
    ]),
    secretsOf(),
  );
  const cookies = async (places?: number[]) => {
    const found = [];
    for await (const { request } of recording.read(places)) found.push(request.headers[0]?.[1]);
    return found;
  };
  expect(recording.size).toBe(2);
  expect(await cookies()).toEqual(['a={{cookie_a}}', 'a={{cookie_a_2}}']);
  expect(await cookies([1])).toEqual(['a={{cookie_a_2}}']);
});

test('nothing changes when secrets are kept', async () => {
  const original = exchange({ headers: [['Cookie', 'a=1']] });
  expect(await redactExchange(original, secretsOf({ mode: 'keep', redact: [] }))).toBe(original);
});

test.each([
  ['JSON', '{"a":"b=c&d","token":"bWFkZS11cA=="}', '{"a":"b=c&d","token":"{{token}}"}'],
  ['markup', '<a><token>bWFkZS11cA==</token></a>', '<a><token>{{token}}</token></a>'],
  ['a form', 'a=b=c&token=bWFkZS11cA==', 'a=b=c&token={{token}}'],
])('%s that is labelled as a form is read by its content', async (_, body, expected) => {
  const headers: Header[] = [['Content-Type', 'application/x-www-form-urlencoded']];
  expect(await requestText(await redacted({ headers, body }))).toBe(expected);
});

test('JSON that is labelled as a script is data', async () => {
  const headers: Header[] = [['Content-Type', 'text/javascript']];
  const body = '{"password":"summer"}';
  expect(await requestText(await redacted({ headers, body }))).toBe('{"password":"{{password}}"}');
});
