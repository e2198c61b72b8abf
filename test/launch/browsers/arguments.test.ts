import { expect, test } from 'vitest';
import { type BrowserStart, chromiumArguments } from '../../../src/launch/browsers/chromium.ts';
import {
  firefoxArguments,
  firefoxPreferences,
  withoutProxyVariables,
} from '../../../src/launch/browsers/firefox.ts';

const start: BrowserStart = {
  profile: '/tmp/profile',
  proxy: { hostname: '127.0.0.1', port: 4711 },
  spkiFingerprint: 'AAAA=',
  args: [],
  urls: [],
  isRoot: false,
};

test('Chromium gets the proxy, also for loopback, and trusts one authority', () => {
  expect(chromiumArguments(start)).toEqual(
    expect.arrayContaining([
      '--user-data-dir=/tmp/profile',
      '--proxy-server=http://127.0.0.1:4711',
      '--proxy-bypass-list=<-loopback>',
      '--ignore-certificate-errors-spki-list=AAAA=',
    ]),
  );
});

test('Chromium runs without its sandbox only as root', () => {
  expect(chromiumArguments(start)).not.toContain('--no-sandbox');
  expect(chromiumArguments({ ...start, isRoot: true })).toContain('--no-sandbox');
});

test('what the user adds comes behind our own arguments, and URLs come last', () => {
  const given = { ...start, args: ['--lang=de', '--incognito'], urls: ['https://shop.test/'] };
  expect(chromiumArguments(given).slice(-3)).toEqual([
    '--lang=de',
    '--incognito',
    'https://shop.test/',
  ]);
  expect(firefoxArguments(given, 'linux').slice(-4)).toEqual([
    '/tmp/profile',
    ...given.args,
    ...given.urls,
  ]);
});

test('without a URL, Chromium opens a blank page', () => {
  expect(chromiumArguments(start).at(-1)).toBe('about:blank');
});

test('on Windows, the program that starts Firefox waits for it', () => {
  expect(firefoxArguments(start, 'win32')).toContain('--wait-for-browser');
  expect(firefoxArguments(start, 'linux')).not.toContain('--wait-for-browser');
});

test('the preferences of Firefox send everything through the proxy', () => {
  const lines = firefoxPreferences({ hostname: '127.0.0.1', port: 4711 }).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'user_pref("network.proxy.ssl", "127.0.0.1");',
      'user_pref("network.proxy.ssl_port", 4711);',
      'user_pref("network.proxy.allow_hijacking_localhost", true);',
    ]),
  );
});

test('variables that name a proxy are not passed to a browser', () => {
  const env = { PATH: '/bin', https_proxy: 'x', NO_PROXY: 'y', All_Proxy: 'z', PROXY: 'kept' };
  expect(withoutProxyVariables(env)).toEqual({ PATH: '/bin', PROXY: 'kept' });
});
