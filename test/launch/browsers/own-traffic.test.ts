import { expect, test } from 'vitest';
import { ownTraffic } from '../../../src/launch/browsers/own-traffic.ts';

test.each([
  'https://update.googleapis.com/service/update2/json',
  'https://accounts.google.com/ListAccounts?gpsia=1',
  'http://r4---sn.gvt1.com/edgedl/x.crx',
  'https://clients2.google.com/time/1/current?cup2key=9',
])('%s is traffic of Chromium itself', (url) => {
  expect(ownTraffic('chromium')(url)).toBe(true);
  expect(ownTraffic('firefox')(url)).toBe(false);
});

test.each([
  'https://firefox.settings.services.mozilla.com/v1/',
  'https://incoming.telemetry.mozilla.org/submit',
])('%s is traffic of Firefox itself', (url) => {
  expect(ownTraffic('firefox')(url)).toBe(true);
  expect(ownTraffic('chromium')(url)).toBe(false);
});

test.each([
  'https://accounts.google.com/signin',
  'https://www.mozilla.org/',
  'https://notgvt1.com/',
  'https://shop.test/update.googleapis.com',
  'not a URL',
])('%s is what a person asked for', (url) => {
  expect(ownTraffic('chromium')(url)).toBe(false);
  expect(ownTraffic('firefox')(url)).toBe(false);
});
