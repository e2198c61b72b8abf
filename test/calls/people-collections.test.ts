import { expect, test } from 'vitest';
import { openRecordedCalls } from '../../src/calls/recorded-calls.ts';
import { isAnyHost, withHost } from '../../src/calls/unknown-host.ts';
import { compareRecordings } from '../../src/compare/comparison.ts';
import { type ExchangeParts, exchange, recordingOf } from '../helpers/exchanges.ts';

const JSON_LINE = ['Content-Type', 'application/json'] as const;

test.each([
  ['{{baseUrl}}/users/{{id}}?a={{b}}', 'http://baseurl.invalid/users/{{id}}?a={{b}}'],
  ['https://{{host}}/v1', 'http://host.invalid/v1'],
  ['{{scheme}}://{{host}}:{{port}}/x', 'http://scheme-host-port.invalid/x'],
  ['https://{{tenant}}.api.test:8443', 'http://tenant.invalid'],
  ['{{ä}}', 'http://host.invalid'],
])('%s is a URL of any host', (url, found) => {
  expect(withHost(url)).toBe(found);
  expect(isAnyHost(withHost(url))).toBe(true);
});

test.each([
  'http://a:{{b}}@api.test/',
  'http://api.test/{{id}}',
  'https://api.test?x={{b}}',
  'http://a.test/http://{{x}}',
])('%s keeps its host', (url) => {
  expect(withHost(url)).toBe(url);
});

test('a variable without a value outside of strings matches any JSON value', async () => {
  const recorded = exchange({
    url: 'http://a.test/users',
    headers: [JSON_LINE],
    body: '{"name": "{{$randomFirstName}}", "age": {{age}}, "text": "a {{b}} c"}',
  });
  const calls = await openRecordedCalls([recordingOf([recorded])]);
  const match = (body: object) =>
    calls.match({
      method: 'POST',
      url: 'http://a.test/users',
      headers: [JSON_LINE],
      body: Buffer.from(JSON.stringify(body)),
    }).kind;
  expect(match({ age: 3, name: 'Zoe', text: 'a x c' })).toBe('found');
  expect(match({ age: '3', name: 'Zoe', text: 'a x c' })).toBe('found');
  expect(match({ age: 3, name: 'Zoe', text: 'other' })).toBe('missed');
});

test('an answer whose body was left out cannot be replayed', async () => {
  const answered = (method: string, status: number): ExchangeParts => ({
    method,
    response: { status, headers: [['Content-Length', '7']] },
  });
  const calls = await openRecordedCalls([
    recordingOf([answered('GET', 200), answered('HEAD', 200), answered('GET', 304)].map(exchange)),
  ]);
  expect([calls.size, calls.unanswered]).toEqual([2, 1]);
});

test('a collection whose host is a variable is compared with a recording of the host', async () => {
  const call = (url: string) => recordingOf([exchange({ url, response: { body: 'x' } })]);
  const { findings } = await compareRecordings(
    call('{{baseUrl}}/users/7'),
    call('https://api.test/users/8'),
  );
  expect(findings).toEqual([]);
});
