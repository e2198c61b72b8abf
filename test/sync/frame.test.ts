import { describe, expect, test } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import type { HarEntry } from '../../src/har/types.ts';
import { exchangeFrame, readProxyFrame } from '../../src/sync/wire/frame.ts';
import { proxyMessage, readMessage } from '../../src/sync/wire/protocol.ts';
import { anyExchange } from '../helpers/any-exchange.ts';
import { exchange } from '../helpers/exchanges.ts';
import { fc, runs } from '../helpers/properties.ts';

async function entry(request: string, response: string | Uint8Array): Promise<HarEntry> {
  return entryOf(exchange({ method: 'POST', body: request, response: { body: response } }));
}

/** What a client reads of a frame. */
function read(frame: Buffer) {
  const message = readMessage(proxyMessage, String(frame));
  if (typeof message === 'string' || message.message.type !== 'exchange')
    throw new Error(`${message}`);
  return message.message;
}

test('an entry that fits is unchanged', async () => {
  const whole = await entry('sent', 'received');
  const { seq, exchange: received } = read(exchangeFrame(7, whole, 10_000));
  expect(seq).toBe(7);
  expect(received).toEqual(JSON.parse(JSON.stringify(whole)));
});

test('the largest body is halved until the entry fits, and the others stay whole', async () => {
  const frame = exchangeFrame(1, await entry('sent', 'é'.repeat(50_000)), 40_000);
  const { request, response } = read(frame).exchange;
  expect(frame.length).toBeLessThanOrEqual(40_000);
  expect(request.postData).toMatchObject({ text: 'sent' });
  expect(request.postData?._cut).toBeUndefined();
  expect(response.content).toMatchObject({ text: 'é'.repeat(12_500), size: 100_000, _cut: true });
});

test('truncating a request body also truncates its parsed form', async () => {
  const form = `a=${'x'.repeat(50_000)}`;
  const whole = await entryOf(
    exchange({
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: form,
    }),
  );
  const { postData } = read(exchangeFrame(1, whole, 30_000)).exchange.request;
  expect(postData).toMatchObject({ params: [], _cut: true });
  expect(form.startsWith(postData?.text ?? '-')).toBe(true);
});

test('base64 is cut between groups, and text between characters', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ minLength: 1500, maxLength: 3000 }),
        fc.string({ unit: 'grapheme-composite', minLength: 1500, maxLength: 3000 }),
      ),
      async (body) => {
        const whole = await entry('', body);
        const { content } = read(exchangeFrame(1, whole, 2000)).exchange.response;
        const before = whole.response.content;
        expect(before.text?.startsWith(content.text ?? '-')).toBe(true);
        if (content.encoding === 'base64') {
          const bytes = Buffer.from(content.text ?? '', 'base64');
          expect(bytes.toString('base64')).toBe(content.text);
        } else expect(Buffer.from(content.text ?? '').toString()).toBe(content.text);
      },
    ),
    { numRuns: runs(50) },
  );
});

test('the last WebSocket messages are left out, and the entry is marked', async () => {
  const plain = await entry('', '');
  const message = { type: 'send', time: 1, opcode: 1, data: 'x'.repeat(100) } as const;
  const whole: HarEntry = {
    ...plain,
    _webSocket: { count: 100 },
    _webSocketMessages: Array.from({ length: 100 }, (_, i) => ({ ...message, time: i })),
  };
  const { _webSocket, _webSocketMessages } = read(exchangeFrame(1, whole, 8000)).exchange;
  expect(_webSocket).toEqual({ count: 100, cut: true });
  expect(_webSocketMessages?.map(({ time }) => time)).toEqual(
    Array.from({ length: 25 }, (_, i) => i),
  );
});

test('messages of a gRPC call that do not fit are left out, with a word', async () => {
  const messages = Array.from({ length: 9 }, () => ({
    from: 'client' as const,
    json: { 1: 'x'.repeat(10_000) },
  }));
  const call = { protocol: 'grpc', service: 'a.B', method: 'C', messages } as const;
  const whole = { ...(await entry('', '')), _grpc: call };
  const { _grpc: left } = read(exchangeFrame(1, whole, 30_000)).exchange;
  expect(left?.messages).toHaveLength(2);
  expect(left?.notes).toEqual(['Messages that do not fit into a frame are left out.']);
  const none = read(exchangeFrame(1, whole, 5000)).exchange._grpc;
  expect(none?.messages).toEqual([]);
});

test('a frame of a proxy is read as any message is, and the JSON of its entry is kept', async () => {
  await fc.assert(
    fc.asyncProperty(anyExchange, fc.integer({ min: 1, max: 1e14 }), async (recorded, seq) => {
      const frame = exchangeFrame(seq, await entryOf(recorded), 1_000_000);
      const usual = readMessage(proxyMessage, String(frame));
      const own = readProxyFrame(frame);
      if (typeof usual === 'string' || typeof own === 'string') {
        expect(own).toBe(usual);
        return;
      }
      const { json, ...message } = own.message;
      expect(message).toEqual(usual.message);
      // A URL without a scheme is refused later, where entries of any program are read.
      if (/^\w+:\/\//.test(recorded.request.url)) expect(json).toBeDefined();
      if (json) expect(JSON.parse(Buffer.from(json).toString())).toEqual(read(frame).exchange);
    }),
    { numRuns: runs(300) },
  );
});

describe('the JSON of an entry is not kept', async () => {
  const text = String(exchangeFrame(1, await entry('sent', 'received'), 10_000));
  const broken = (from: string, to: string) => text.replace(from, () => to);
  test.each([
    ['with line breaks', broken('"request":{', '"request":\n{')],
    ['with a member of another program', broken('"exchange":{', '"exchange":{"_other":[],')],
    ['with an unknown member inside', broken('"content":{', '"content":{"_other":1,')],
    ['when another member follows', text.replace(/\}$/, ',"a":1}')],
    [
      'when a second entry follows',
      text.replace(/}$/, `,${text.slice(text.indexOf('"exchange":'))}`),
    ],
    [
      'when the members are in another order',
      broken('"type":"exchange","seq":1', '"seq":1,"type":"exchange"'),
    ],
    ['with marks', broken('"exchange":{', '"exchange":{"_marks":[],')],
  ])('%s', (_, changed) => {
    expect(changed).not.toBe(text);
    const frame = Buffer.from(changed);
    const message = readProxyFrame(frame);
    expect(message).toEqual(readMessage(proxyMessage, changed));
    expect(message).toMatchObject({ message: { seq: 1 } });
  });
});

test('what is wrong with an entry is said', async () => {
  const text = String(exchangeFrame(1, await entry('sent', 'received'), 10_000));
  for (const [from, to] of [
    ['"time":', '"time":"x","_time":'],
    ['"status":200', '"status":2.5'],
    ['"headers":[', '"headers":[{"name":"x"},'],
  ] as const) {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    const said = readProxyFrame(Buffer.from(changed));
    expect(said).toEqual(expect.any(String));
    expect(said).toBe(readMessage(proxyMessage, changed));
  }
});
