import { expect, test } from 'vitest';
import { checkChromiumUrls } from '../../../src/launch/browsers/chromium.ts';
import { pageUrls } from '../../../src/launch/browsers/urls.ts';

test('URLs stay as they were typed', () => {
  const urls = ['https://shop.test', 'HTTP://127.0.0.1:8080/a?b#c'];
  expect(pageUrls(urls)).toEqual(urls);
  expect(pageUrls([])).toEqual([]);
});

test.each([
  ['npm', /leave out --browser to run a command/],
  ['--flag', /leave out --browser/],
  ['file:///etc/passwd', /leave out --browser/],
  ['https://', /leave out --browser/],
  ['shop.test/cart', /Try: --browser -- https:\/\/shop\.test\/cart/],
])('%s is not a URL', (word, hint) => {
  expect(() => pageUrls(['https://shop.test', word])).toThrow(
    expect.objectContaining({
      message: `Not a URL: ${word}.`,
      hint: expect.stringMatching(hint),
      exitCode: 2,
    }),
  );
});

test('a Chromium without a window opens one URL', () => {
  const urls = ['https://a.test', 'https://b.test'];
  expect(() => checkChromiumUrls({ args: ['--headless=new'], urls })).toThrow(
    'Chromium opens one URL with --headless, not 2: https://a.test https://b.test',
  );
  expect(() => checkChromiumUrls({ args: [], urls })).not.toThrow();
  expect(() => checkChromiumUrls({ args: ['--headless'], urls: ['https://a.test'] })).not.toThrow();
});
