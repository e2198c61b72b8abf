import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Body, Exchange, Outcome, RecordedResponse } from '../../src/exchange.ts';
import { exchangeFields, exchangeLine } from '../../src/terminal/exchange-line.ts';
import { fc } from '../helpers/properties.ts';

const at = (width: number) => ({ width, color: false });

function body(size: number): Body {
  return { size, encoding: [], bytes: async () => new Uint8Array(size) };
}

function response(status: number, type = 'application/json', size = 1234): RecordedResponse {
  const headers = [['Content-Type', type] as const];
  return { status, statusText: '', httpVersion: '1.1', headers, body: body(size) };
}

const completed = (status: number, type?: string, size?: number): Outcome => ({
  kind: 'completed',
  response: response(status, type, size),
});
const failed: Outcome = { kind: 'failed', reason: { kind: 'unknown-host', message: 'ENOTFOUND' } };

function exchange(given: {
  method?: string;
  url?: string;
  outcome?: Outcome;
  endMs?: number;
}): Exchange {
  const { method = 'GET', url = 'https://api.example.com/users', endMs = 34.4 } = given;
  const request = { method, url, httpVersion: '1.1', headers: [] };
  const outcome = given.outcome ?? completed(200);
  return { id: '1', seq: 7, startedAt: 0, request, outcome, timings: { endMs }, connection: {} };
}

test('aligns its columns at 80 columns', () => {
  const lines = [
    exchange({}),
    exchange({ method: 'OPTIONS', outcome: completed(404, 'text/html', 12) }),
    exchange({ outcome: { kind: 'aborted', partial: response(200) }, endMs: 61_000 }),
    exchange({ outcome: failed }),
    exchange({ outcome: { kind: 'unfinished' } }),
  ].map((each) => exchangeLine(each, at(80)));
  expect(lines).toEqual([
    'GET     200  https://api.example.com/users               json    1.23 kB    34ms',
    'OPTIONS 404  https://api.example.com/users               html       12 B    34ms',
    'GET     200  https://api.example.com/users              aborted  1.23 kB   1m 1s',
    'GET     ---  https://api.example.com/users          failed  unknown host    34ms',
    'GET     ---  https://api.example.com/users           unfinished        -    34ms',
  ]);
});

test('shortens the URL in the middle', () => {
  const url = 'https://api.example.com/v1/organizations/acme/projects/42/members?page=2';
  expect(exchangeLine(exchange({ url }), at(80))).toContain('…');
  expect(exchangeLine(exchange({ url }), at(80))).toMatch(/https:\/\/api.*page=2/);
  expect(exchangeLine(exchange({ url }), at(120))).toContain(url);
});

test('leaves out kind and size on a narrow terminal', () => {
  expect(exchangeLine(exchange({}), at(40))).toBe('GET     200  https://a…com/users    34ms');
  expect(exchangeLine(exchange({ outcome: failed }), at(40))).toMatch(/ failed$/);
});

test.each([
  [204, 32],
  [301, 36],
  [404, 33],
  [503, 31],
])('shows the status %i in colour %i', (status, sgr) => {
  const line = exchangeLine(exchange({ outcome: completed(status) }), { width: 80, color: true });
  expect(line).toContain(`\u001b[${sgr}m${status}`);
});

test('takes the same columns with colours as without', () => {
  const each = exchange({ outcome: failed });
  expect(stringWidth(exchangeLine(each, { width: 80, color: true }))).toBe(80);
});

describe('what was captured', () => {
  test.each([
    ['\u001b[2J', '␛[2J'],
    ['a\r\nb', 'a␍␊b'],
    ['\u0007', '␇'],
    ['\u007f', '␡'],
    ['\u009b31m', '\\u{9b}31m'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['\u200b', '\\u{200b}'],
    ['\ud800', '\\u{d800}'],
  ])('is made visible: %j', (sent, seen) => {
    expect(exchangeLine(exchange({ url: `http://a/${sent}` }), at(80))).toContain(
      `http://a/${seen} `,
    );
    expect(exchangeLine(exchange({ method: sent }), at(80))).toContain(seen);
  });

  test('contains no control character and always fits', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 60 });
    const widths = fc.integer({ min: 1, max: 130 });
    fc.assert(
      fc.property(texts, texts, widths, (method, path, width) => {
        const each = exchange({ method, url: `http://a/${path}`, outcome: completed(200, path) });
        const line = exchangeLine(each, at(width));
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('is measured with its width on screen', () => {
    const line = exchangeLine(exchange({ url: `http://a/${'日本語'.repeat(20)}` }), at(80));
    expect(stringWidth(line)).toBe(80);
    expect(line).toMatch(/ {2}json {4}1\.23 kB {4}34ms$/);
  });
});

test('has the same facts as fields', () => {
  expect(exchangeFields(exchange({}))).toEqual({
    seq: 7,
    method: 'GET',
    url: 'https://api.example.com/users',
    outcome: 'completed',
    status: 200,
    bytes: 1234,
    ms: 34,
  });
  expect(exchangeFields(exchange({ outcome: failed }))).toMatchObject({ reason: 'unknown-host' });
});

describe('a rewritten exchange', () => {
  const rewritten = ['User-Agent', 'Access-Control-Request-Headers', 'Cookie', 'Origin'];

  test('shows as many complete names of set headers as fit', () => {
    const line = (width: number, count = rewritten.length) =>
      exchangeLine({ ...exchange({}), rewritten: rewritten.slice(0, count) }, at(width));
    expect(line(120)).toMatch(/ {2}set User-Agent \+3 {4}34ms$/);
    expect(line(160)).toMatch(
      / {2}set User-Agent, Access-Control-Request-Headers, Cookie \+1 {4}34ms$/,
    );
    expect(line(200)).toMatch(/ {2}set User-Agent, .*, Cookie, Origin {4}34ms$/);
    expect(line(80, 1)).toMatch(/ {2}set User-Agent {4}34ms$/);
    expect(line(24)).toMatch(/^GET/);
    for (const width of [20, 40, 80, 120, 160]) {
      expect(line(width).length).toBeLessThanOrEqual(width);
    }
  });

  test('still shows its outcome without a complete response', () => {
    const line = exchangeLine({ ...exchange({ outcome: failed }), rewritten: ['Via'] }, at(80));
    expect(line).toMatch(/^GET {5}--- .* {2}set Via, failed \(unknown host\) {4}34ms$/);
  });
});
