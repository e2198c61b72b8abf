import { describe, expect, test } from 'vitest';
import { type BrowserMachine, findBrowser } from '../../../src/launch/browsers/find.ts';

/** A machine with these programs. */
function machine(
  platform: NodeJS.Platform,
  programs: readonly string[],
  env: Record<string, string> = {},
): BrowserMachine {
  const isProgram = (path: string) => programs.includes(path);
  return { platform, env, home: '/home/ada', isProgram };
}

const linux = (...programs: string[]) =>
  machine('linux', programs, { PATH: '/usr/local/bin:bin:/usr/bin' });

describe('without a name', () => {
  test('the first browser of the list is taken', () => {
    const found = findBrowser('', linux('/usr/bin/firefox', '/usr/bin/chromium'));
    expect(found).toEqual({ program: '/usr/bin/chromium', title: 'Chromium', family: 'chromium' });
  });

  test('a machine without browsers is told what was looked for', () => {
    expect(() => findBrowser('', linux())).toThrow(
      'No browser found: looked for Chrome, Chromium, Edge, Brave and Firefox.',
    );
  });
});

describe('by its name', () => {
  test.each([
    ['chrome', '/usr/bin/google-chrome-stable'],
    ['Chrome', '/opt/google/chrome/chrome'],
    ['google-chrome', '/usr/local/bin/google-chrome'],
    ['chromium', '/snap/bin/chromium'],
    ['edge', '/usr/bin/microsoft-edge'],
    ['brave', '/usr/bin/brave-browser'],
    ['firefox', '/usr/bin/firefox-esr'],
  ])('%s is found on Linux at %s', (name, path) => {
    expect(findBrowser(name, linux(path)).program).toBe(path);
  });

  test('a relative folder in PATH is not searched', () => {
    expect(() => findBrowser('chromium', linux('bin/chromium'))).toThrow('No such browser');
  });

  test.each([
    ['chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['edge', '/home/ada/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'],
    ['firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    ['chromium', '/opt/homebrew/bin/chromium'],
  ])('%s is found on macOS at %s', (name, path) => {
    const { program } = findBrowser(name, machine('darwin', [path], { PATH: '/opt/homebrew/bin' }));
    expect(program).toBe(path);
  });

  test.each([
    ['chrome', 'C:\\Users\\Ada\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe'],
    ['edge', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'],
    ['brave', 'C:\\Program Files\\BraveSoftware\\Brave-Browser\\Application\\brave.exe'],
    ['firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'],
    ['chromium', 'D:\\tools\\chromium.exe'],
  ])('%s is found on Windows at %s', (name, path) => {
    const env = {
      LocalAppData: 'C:\\Users\\Ada\\AppData\\Local',
      ProgramFiles: 'C:\\Program Files',
      'ProgramFiles(x86)': 'C:\\Program Files (x86)',
      Path: 'C:\\Windows;D:\\tools',
    };
    expect(findBrowser(name, machine('win32', [path], env)).program).toBe(path);
  });

  test('one that is not installed is refused, with the names of those that are', () => {
    const here = linux('/usr/bin/chromium', '/usr/bin/firefox');
    expect(() => findBrowser('edge', here)).toThrow(
      expect.objectContaining({
        message: 'No such browser: edge. Found: chromium, firefox.',
        exitCode: 2,
      }),
    );
  });
});

describe('by its path', () => {
  test.each([
    ['/opt/nightly/firefox', 'firefox'],
    ['./LibreWolf.AppImage', 'firefox'],
    ['C:\\Tools\\firefox.exe', 'firefox'],
    ['/opt/vivaldi/vivaldi', 'chromium'],
    ['/home/firefox/chrome', 'chromium'],
  ])('%s is a browser of the family %s', (path, family) => {
    expect(findBrowser(path, linux(path))).toEqual({ program: path, title: path, family });
  });

  test('what is not a program is refused', () => {
    expect(() => findBrowser('./shop.json', linux())).toThrow(
      'No such browser: ./shop.json. Found none.',
    );
  });

  test('a URL is referred to its place behind the dashes', () => {
    expect(() => findBrowser('https://shop.test', linux())).toThrow(
      expect.objectContaining({
        hint: 'Write URLs after --: --browser -- https://shop.test',
        exitCode: 2,
      }),
    );
  });
});
