import { describe, expect, test } from 'vitest';
import { nameFault } from '../../src/page/controls/collection-name.ts';
import { addressOf, hostOf, splitPath } from '../../src/page/history/address.ts';
import { backOffMs } from '../../src/page/link/back-off.ts';
import { rowsInView, scrollTopFor, slotsFor } from '../../src/page/list/row-range.ts';
import { counted, formatDuration, formatSize } from '../../src/page/parts/format.ts';
import { visible, visiblePieces } from '../../src/page/parts/visible-text.ts';
import { pageCommand } from '../../src/sync/wire/page-events.ts';
import { fc } from '../helpers/properties.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1234, '1.2 kB'],
  [9949, '9.9 kB'],
  [9950, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [5_000_000_000, '5.0 GB'],
])('%d bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

test.each([
  [0, '0 ms'],
  [0.04, '0.1 ms'],
  [0.4, '0.4 ms'],
  [12.4, '12 ms'],
  [999.4, '999 ms'],
  [999.5, '1.0 s'],
  [1234, '1.2 s'],
  [9960, '10 s'],
  [59_600, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [12_000_000, '3 h 20 min'],
])('%d milliseconds are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

test('counts have separators and the right word', () => {
  expect(counted(1, 'call')).toBe('1 call');
  expect(counted(12_345, 'call')).toBe('12,345 calls');
  expect(counted(2, 'proxy', 'proxies')).toBe('2 proxies');
});

describe('captured text', () => {
  test('shows characters that are invisible or change the direction', () => {
    expect(visible('a\u202Eb\u0000c\u200B\u2028d')).toBe('aU+202EbU+0000cU+200BU+2028d');
    expect(visible('plain é 日本 😀')).toBe('plain é 日本 😀');
    expect(visible('half \ud800')).toBe('half U+D800');
  });

  test('keeps its lines', () => {
    expect(visiblePieces('a\tb\r\nc\rd', true)).toEqual(['a\tb\r\nc', { code: 'U+000D' }, 'd']);
    expect(visiblePieces('a\nb')).toEqual(['a', { code: 'U+000A' }, 'b']);
  });

  test('loses nothing', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, fc.boolean(), (given, lines) => {
        const whole = visiblePieces(given, lines)
          .map((piece) =>
            typeof piece === 'string'
              ? piece
              : String.fromCodePoint(Number.parseInt(piece.code.slice(2), 16)),
          )
          .join('');
        expect(whole).toBe(given);
      }),
    );
  });
});

describe('URLs', () => {
  test.each([
    ['https://a.test/x?y#z', 'https', 'a.test', '/x?y#z'],
    ['http://a.test:8080', 'http', 'a.test:8080', '/'],
    ['wss://[::1]:9/x', 'wss', '[::1]:9', '/x'],
    ['https://a.test?q=/', 'https', 'a.test', '?q=/'],
    ['nonsense', '', 'nonsense', '/'],
  ])('%s is split at its delimiters', (url, scheme, host, path) => {
    expect(addressOf(url)).toEqual({ scheme, host, path });
    expect(hostOf(url.toUpperCase())).toBe(host);
  });

  test.each([
    ['/v1/orders/7?x=/y', '/v1/orders', '/7', '?x=/y'],
    ['/v1/orders/', '/v1', '/orders/', ''],
    ['/short', '/short', '', ''],
    ['/', '/', '', ''],
    ['?q', '', '', '?q'],
    [`/a/${'b'.repeat(40)}`, `/a/${'b'.repeat(40)}`, '', ''],
  ])('the path %s is shortened in the middle', (path, head, tail, query) => {
    expect(splitPath(path)).toEqual({ head, tail, query });
  });
});

describe('the drawn rows of a list', () => {
  test('include all rows in view and are never more than the slots', () => {
    const place = fc.record({
      top: fc.nat(3_000_000),
      height: fc.nat(3000),
      length: fc.nat(100_000),
    });
    fc.assert(
      fc.property(place, ({ top, height, length }) => {
        const { from, to } = rowsInView(top, height, 28, length);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(length);
        expect(to - from).toBeLessThanOrEqual(slotsFor(height, 28));
        for (const y of [top, top + height - 1]) {
          const seen = Math.floor(y / 28);
          if (height > 0 && seen < length) {
            expect(from <= seen && seen < to).toBe(true);
          }
        }
      }),
    );
  });

  test('scroll no further than needed to show a row completely', () => {
    expect(scrollTopFor(3, 0, 280, 28)).toBe(0);
    expect(scrollTopFor(10, 0, 280, 28)).toBe(28);
    expect(scrollTopFor(1, 100, 280, 28)).toBe(28);
  });
});

test('waits longer after each failure, up to 15 seconds, with jitter', () => {
  expect([1, 2, 3, 20].map((failures) => backOffMs(failures, 0))).toEqual([250, 500, 1000, 7500]);
  expect(backOffMs(20, 1)).toBe(15_000);
});

test.each([
  ['Shop', true],
  [' Shop 2 ', true],
  ['', false],
  ['  ', false],
  ['.hidden', false],
  ['a/b', false],
  ['a\\b', false],
  ['what?', false],
  ['a\u0007b', false],
  ['x'.repeat(101), false],
])('the page accepts the collection name %j exactly when the hub does', (name, taken) => {
  expect(nameFault(name) === undefined).toBe(taken);
  expect(pageCommand.safeParse({ type: 'target', collection: name }).success).toBe(taken);
});
