/** Browsers of one family take the same switches and keep the same kind of profile. */
export type BrowserFamily = 'chromium' | 'firefox';

/** A browser that can be named on the command line, and where its makers install it. */
export type KnownBrowser = {
  /** The name on the command line: `--browser chrome`. */
  readonly name: string;
  readonly title: string;
  readonly family: BrowserFamily;
  /** Names of its program in PATH, which are also accepted on the command line. */
  readonly programs: readonly [string, ...string[]];
  /** On Linux, the folders outside of PATH where packages put it, with the program's name. */
  readonly linux: readonly string[];
  /** On macOS, below `/Applications` and `~/Applications`. */
  readonly macos: string;
  /** On Windows, below `Program Files` and the user's local application data. */
  readonly windows: string;
};

/** In order of preference when no browser is named. */
export const KNOWN_BROWSERS: readonly KnownBrowser[] = [
  {
    name: 'chrome',
    title: 'Chrome',
    family: 'chromium',
    programs: ['google-chrome', 'google-chrome-stable', 'chrome'],
    linux: ['/opt/google/chrome/chrome'],
    macos: 'Google Chrome.app/Contents/MacOS/Google Chrome',
    windows: 'Google\\Chrome\\Application\\chrome.exe',
  },
  {
    name: 'chromium',
    title: 'Chromium',
    family: 'chromium',
    programs: ['chromium', 'chromium-browser'],
    linux: ['/snap/bin/chromium', '/usr/lib/chromium/chromium'],
    macos: 'Chromium.app/Contents/MacOS/Chromium',
    windows: 'Chromium\\Application\\chrome.exe',
  },
  {
    name: 'edge',
    title: 'Edge',
    family: 'chromium',
    programs: ['microsoft-edge', 'microsoft-edge-stable', 'msedge'],
    linux: ['/opt/microsoft/msedge/msedge'],
    macos: 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    windows: 'Microsoft\\Edge\\Application\\msedge.exe',
  },
  {
    name: 'brave',
    title: 'Brave',
    family: 'chromium',
    programs: ['brave-browser', 'brave-browser-stable', 'brave'],
    linux: ['/opt/brave.com/brave/brave', '/snap/bin/brave'],
    macos: 'Brave Browser.app/Contents/MacOS/Brave Browser',
    windows: 'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
  },
  {
    name: 'firefox',
    title: 'Firefox',
    family: 'firefox',
    programs: ['firefox', 'firefox-esr'],
    linux: ['/snap/bin/firefox', '/usr/lib/firefox/firefox', '/usr/lib/firefox-esr/firefox-esr'],
    macos: 'Firefox.app/Contents/MacOS/firefox',
    windows: 'Mozilla Firefox\\firefox.exe',
  },
];
