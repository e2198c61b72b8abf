import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/options/defaults.ts';
import { readProxyOptions } from '../../src/options/proxy.ts';
import { readRecordedOptions } from '../../src/options/recorded.ts';
import { duration, durationText, size, sizeText } from '../../src/options/values.ts';

test('without options, the command line has the defaults of the table', () => {
  expect(readProxyOptions({})).toMatchObject({
    bind: DEFAULTS.bind,
    timeout: DEFAULTS.timeoutMs,
    grace: DEFAULTS.graceMs,
  });
  expect(readRecordedOptions({})).toMatchObject({ maxBody: DEFAULTS.maxBodyBytes });
});

test.each([
  [0, '0s'],
  [250, '250ms'],
  [1500, '1500ms'],
  [5000, '5s'],
  [120_000, '120s'],
])('a duration of %i ms is written as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
  expect(duration.parse(text)).toBe(ms);
});

test.each([
  [0, '0'],
  [4097, '4097'],
  [512 * 1024, '512kb'],
  [10 * 1024 * 1024, '10mb'],
  [1024 ** 3, '1gb'],
])('a size of %i bytes is written as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
  expect(size.parse(text)).toBe(bytes);
});
