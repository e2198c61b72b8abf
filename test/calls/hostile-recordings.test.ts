import { expect, test } from 'vitest';
import { givenAnswer, sendableLines } from '../../src/calls/given-answer.ts';
import { openRecordedCalls } from '../../src/calls/recorded-calls.ts';
import { responseOf } from '../../src/exchange.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

const recorded = (...parts: readonly ExchangeParts[]) => recordingOf(parts.map(exchange));
const asked = (url: string) => ({ method: 'GET', url, headers: [] });

test('each of several requests is superseded once, and asked for anew', async () => {
  const parts = ['a', 'b', 'a', 'c'].map((name) => ({ url: `http://a.test/${name}` }));
  const calls = await openRecordedCalls([recorded(...parts), recorded(...parts.slice(0, 3))]);
  expect([calls.size, calls.superseded]).toEqual([4, 3]);
  expect(calls.match(asked('http://a.test/b'))).toEqual({ kind: 'found', recording: 1, place: 1 });
});

test('what is not a final status answers nothing', async () => {
  const statuses = [0, 99, 100, 101, 103, 199, 1000, 2.5, 200, 599];
  const calls = await openRecordedCalls([
    recorded(...statuses.map((status) => ({ response: { status } }))),
  ]);
  expect([calls.size, calls.unanswered]).toEqual([2, 8]);
});

test('bodies that are nested deeper than any stack are compared as texts', async () => {
  const deep = (depth: number) => ({
    url: 'http://a.test/deep',
    headers: [['Content-Type', 'application/json'] as const],
    body: '['.repeat(depth) + ']'.repeat(depth),
  });
  const calls = await openRecordedCalls([recorded(deep(50_000))]);
  const post = (depth: number) => {
    const { body, ...rest } = deep(depth);
    return calls.match({ method: 'POST', ...rest, body: Buffer.from(body) });
  };
  expect(post(50_000).kind).toBe('found');
  expect(post(50_001).kind).toBe('missed');
});

test('a host is the same in capitals, and with the port that goes without saying', async () => {
  const calls = await openRecordedCalls([
    recorded({ url: 'http://API.test:80/x' }, { url: 'https://api.test/x' }),
  ]);
  for (const [url, kind] of [
    ['http://api.test/x', 'found'],
    ['https://api.test:443/x', 'found'],
    ['http://api.test:443/x', 'missed'],
  ] as const)
    expect([url, calls.match(asked(url)).kind]).toEqual([url, kind]);
});

test('header lines that no message can have are left out or written in bytes', async () => {
  const headers = [
    [':status', '200'],
    ['', 'x'],
    ['X\r\nY', 'x'],
    ['X-Split', 'a\r\nSet-Cookie: b'],
    ['X-Name', 'Zoë €'],
    ['X-Bytes', 'Zo\u00eb'],
  ] as const;
  const lines = [
    ['X-Split', 'a  Set-Cookie: b'],
    ['X-Name', Buffer.from('Zoë €').toString('latin1')],
    ['X-Bytes', 'Zo\u00eb'],
  ];
  expect(sendableLines(headers)).toEqual(lines);
  const response = responseOf(exchange({ response: { headers } }).outcome);
  expect((await givenAnswer(response!, 'GET', [])).headers).toEqual(lines);
});
