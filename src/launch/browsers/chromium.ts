import { usageError } from '../../errors.ts';

/** The options for starting a browser. */
export type BrowserStart = {
  /** The folder of its profile, absolute. */
  readonly profile: string;
  readonly proxy: { readonly hostname: string; readonly port: number };
  /** SHA-256 of the public key of our authority (SPKI), base64. */
  readonly spkiFingerprint: string;
  /** Arguments added by the user. */
  readonly args: readonly string[];
  readonly urls: readonly string[];
  /** Chromium has no sandbox for root. */
  readonly isRoot: boolean;
};

/**
 * Chromium's features that would add requests of their own, or change the requests that a page makes: with HTTPS
 * upgrades, `http://` URLs are tried over HTTPS first.
 */
const FEATURES_OFF = [
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'DialMediaRouteProvider',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'InterestFeedContentSuggestions',
  'MediaRouter',
  'OptimizationHints',
  'PasswordLeakDetection',
  'Translate',
];

/**
 * Rejects options that Chromium would only reject after its start.
 *
 * @throws UserError (exit code 2) for more than one URL without a window
 */
export function checkChromiumUrls({ args, urls }: Pick<BrowserStart, 'args' | 'urls'>): void {
  const isHeadless = args.some((arg) => /^--headless(?:=|$)/.test(arg));
  if (!isHeadless || urls.length < 2) return;
  throw usageError(`Chromium opens one URL with --headless, not ${urls.length}: ${urls.join(' ')}`);
}

/**
 * Returns the command line of Chromium, Chrome, Edge or Brave: it uses the proxy, also for loopback, trusts our authority
 * in this profile only, and limits background traffic. The user's arguments come last, so that they take precedence.
 */
export function chromiumArguments(start: BrowserStart): string[] {
  const { profile, proxy, spkiFingerprint, args, urls, isRoot } = start;
  return [
    `--user-data-dir=${profile}`,
    `--proxy-server=http://${proxy.hostname}:${proxy.port}`,
    // Without it, localhost and 127.0.0.1 bypass the proxy.
    '--proxy-bypass-list=<-loopback>',
    `--ignore-certificate-errors-spki-list=${spkiFingerprint}`,
    ...['--no-first-run', '--no-default-browser-check', '--disable-search-engine-choice-screen'],
    ...['--disable-background-networking', '--disable-background-mode', '--disable-breakpad'],
    ...['--disable-client-side-phishing-detection', '--disable-component-update'],
    ...['--disable-default-apps', '--disable-domain-reliability', '--disable-quic'],
    ...['--disable-sync', '--metrics-recording-only'],
    // A temporary profile must not request access to the user's key ring.
    ...['--password-store=basic', '--use-mock-keychain'],
    `--disable-features=${FEATURES_OFF.join()}`,
    ...(isRoot ? ['--no-sandbox'] : []),
    ...args,
    // Otherwise the new tab page would be recorded first.
    ...(urls.length > 0 ? urls : ['about:blank']),
  ];
}
