import { describe, expect, test } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import { exchange, failure, response } from '../helpers/exchanges.ts';

test.each<[string, Parameters<typeof exchange>[0], object]>([
  [
    'a query is decoded',
    { url: 'http://api.test/a?x=%20+&y' },
    {
      request: {
        queryString: [
          { name: 'x', value: '  ' },
          { name: 'y', value: '' },
        ],
      },
    },
  ],
  [
    'cookies are taken apart',
    {
      url: 'https://api.test/a/b',
      headers: [['Cookie', 'a=1; b==2;']],
      response: {
        headers: [['Set-Cookie', 's=x; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Secure; HttpOnly']],
      },
    },
    {
      request: {
        cookies: [
          { name: 'a', value: '1' },
          { name: 'b', value: '=2' },
        ],
      },
      response: {
        cookies: [
          {
            name: 's',
            value: 'x',
            path: '/a',
            domain: 'api.test',
            expires: '2015-10-21T07:28:00.000Z',
            httpOnly: true,
            secure: true,
          },
        ],
      },
    },
  ],
  [
    'a form has its fields beside its text',
    {
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: 'a=%20&b',
    },
    {
      request: {
        bodySize: 7,
        postData: {
          text: 'a=%20&b',
          params: [
            { name: 'a', value: ' ' },
            { name: 'b', value: '' },
          ],
        },
      },
    },
  ],
  [
    'a multipart body has its text alone',
    {
      headers: [['Content-Type', 'multipart/form-data; boundary=x']],
      body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    },
    { request: { postData: { params: [], mimeType: 'multipart/form-data; boundary=x' } } },
  ],
  [
    'what is no text is base64, and its length is that of the bytes',
    { response: { headers: [['Content-Type', 'image/png']], body: Buffer.from([0, 255]) } },
    {
      response: {
        content: { size: 2, text: 'AP8=', encoding: 'base64', mimeType: 'image/png' },
      },
    },
  ],
  [
    'a redirect tells where to',
    { response: { status: 302, headers: [['Location', '/next']] } },
    { response: { status: 302, redirectURL: '/next' } },
  ],
  [
    'without an answer the status is 0, and the fault goes by the name that Chromium has for it',
    { outcome: failure('unknown-host', 'getaddrinfo ENOTFOUND x') },
    {
      response: { status: 0, bodySize: -1, _error: 'net::ERR_NAME_NOT_RESOLVED' },
      _outcome: { kind: 'failed', reason: { kind: 'unknown-host' } },
    },
  ],
  [
    'an answer that broke off keeps its status beside the fault',
    { outcome: { kind: 'aborted', partial: response({ status: 200, body: 'x' }) } },
    { response: { status: 200, _error: 'net::ERR_ABORTED', content: { text: 'x' } } },
  ],
])('%s', async (_, parts, expected) => {
  expect(await entryOf(exchange(parts))).toMatchObject(expected);
});

describe('durations', () => {
  test('add up to the time', async () => {
    const timings = { connectedMs: 0.3, sentMs: 1.1, headMs: 7.7, endMs: 20 };
    const { time, timings: har } = await entryOf({ ...exchange(), timings });
    expect(har).toEqual({
      blocked: -1,
      dns: -1,
      connect: 0.3,
      send: 0.8,
      wait: 6.6,
      receive: 12.3,
      ssl: -1,
    });
    expect(time).toBe(20);
  });

  test('are never negative where an answer came before its request had been sent', async () => {
    const timings = { connectedMs: 1, sentMs: 9, headMs: 3, endMs: 9 };
    const { timings: har } = await entryOf({ ...exchange(), timings });
    expect(har).toMatchObject({ connect: 1, send: 8, wait: 0, receive: 0 });
  });
});

test('the address of a server has no port', async () => {
  const upstream = { connection: { upstream: '[2001:db8::1]:443' } };
  expect(await entryOf({ ...exchange(), ...upstream })).toMatchObject({
    serverIPAddress: '2001:db8::1',
  });
  expect(await entryOf(exchange())).not.toHaveProperty('serverIPAddress');
});

test('a WebSocket is written as browsers do', async () => {
  const messages = async function* () {
    yield { from: 'client', at: 1_700_000_000_500, opcode: 1, data: Buffer.from('hi') } as const;
    yield { from: 'server', at: 1_700_000_001_000, opcode: 2, data: Buffer.from([0]) } as const;
  };
  const entry = await entryOf({
    ...exchange({ url: 'https://api.test/live' }),
    webSocket: { count: 2, messages },
  });
  expect(entry).toMatchObject({
    request: { url: 'wss://api.test/live' },
    _resourceType: 'websocket',
    _webSocketMessages: [
      { type: 'send', time: 1_700_000_000.5, opcode: 1, data: 'hi' },
      { type: 'receive', time: 1_700_000_001, opcode: 2, data: 'AA==' },
    ],
  });
});
