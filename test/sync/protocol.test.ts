import { expect, test } from 'vitest';
import { entryOf } from '../../src/har/entry.ts';
import { clientMessage, proxyMessage, readMessage } from '../../src/sync/wire/protocol.ts';
import { exchange } from '../helpers/exchanges.ts';

const session = { id: 'a', name: '', startedAt: '2026-01-01T00:00:00.000Z', version: '0.1.0' };

test.each([
  { type: 'hello', protocol: 1, session },
  { type: 'hello', protocol: 1, session, from: 4 },
  { type: 'bye', last: 0 },
])('a proxy may send %j', (message) => {
  expect(readMessage(proxyMessage, JSON.stringify(message))).toEqual({ message });
});

test.each([
  { type: 'welcome', protocol: 1, last: 0 },
  { type: 'ack', seq: 3 },
  { type: 'pause' },
  { type: 'resume' },
  { type: 'filters' },
  { type: 'filters', url: ['/a/'], notUrl: [], methods: ['GET'], status: ['2xx'], kinds: ['json'] },
])('a client may send %j', (message) => {
  expect(readMessage(clientMessage, JSON.stringify(message))).toEqual({ message });
});

test('an exchange is pushed with its whole entry', async () => {
  const entry = await entryOf(exchange({ body: 'x', response: { body: 'y' } }));
  const message = { type: 'exchange', seq: 1, exchange: entry };
  const read = readMessage(proxyMessage, JSON.stringify(message));
  expect(read).toEqual({ message: JSON.parse(JSON.stringify(message)) });
});

test('unknown fields are ignored', () => {
  expect(readMessage(clientMessage, '{"type":"ack","seq":1,"mood":"good"}')).toEqual({
    message: { type: 'ack', seq: 1 },
  });
});

test.each([
  ['{"type":"ack"', 'it is not JSON'],
  ['null', /the message/],
  ['[]', /the message/],
  ['{"type":"launch"}', /type/],
  ['{"type":"ack"}', /seq/],
  ['{"type":"ack","seq":1.5}', /seq/],
  ['{"type":"ack","seq":"1"}', /seq/],
  ['{"type":"welcome","protocol":1,"last":-1}', /last/],
  ['{"type":"filters","url":{"is":"/a/"}}', /url/],
])('%s is not a message of a client: %s', (text, why) => {
  expect(readMessage(clientMessage, text)).toMatch(why);
});

test.each([
  ['{"type":"exchange","seq":0,"exchange":{}}', /seq/],
  ['{"type":"exchange","seq":1,"exchange":{}}', /exchange\./],
  ['{"type":"hello","protocol":1,"session":{"id":""}}', /session\.id/],
  ['{"type":"ack","seq":1}', /type/],
])('%s is not a message of a proxy: %s', (text, why) => {
  expect(readMessage(proxyMessage, text)).toMatch(why);
});
