import type { BrowserFamily } from './known.ts';

type Place = {
  /** The host, including its subdomains. */
  readonly host: string;
  /** The path of the browser's requests, if users also visit the host. */
  readonly path?: string;
};

const CHROMIUM: readonly Place[] = [
  { host: 'accounts.google.com', path: '/ListAccounts' },
  { host: 'update.googleapis.com' },
  { host: 'optimizationguide-pa.googleapis.com' },
  { host: 'content-autofill.googleapis.com' },
  { host: 'passwordsleakcheck-pa.googleapis.com' },
  { host: 'safebrowsing.googleapis.com' },
  { host: 'safebrowsingohttpgateway.googleapis.com' },
  { host: 'clientservices.googleapis.com' },
  { host: 'clients2.google.com' },
  { host: 'clients4.google.com' },
  { host: 'clients2.googleusercontent.com' },
  { host: 'android.clients.google.com' },
  { host: 'mtalk.google.com' },
  { host: 'gvt1.com' },
  { host: 'edge.microsoft.com' },
  { host: 'config.edge.skype.com' },
  { host: 'smartscreen.microsoft.com' },
  { host: 'api.cdp.microsoft.com' },
  { host: 'events.data.microsoft.com' },
  { host: 'go-updater.brave.com' },
  { host: 'componentupdater.brave.com' },
  { host: 'variations.brave.com' },
  { host: 'redirector.brave.com' },
  { host: 'safebrowsing.brave.com' },
  { host: 'laptop-updates.brave.com' },
  { host: 'brave-core-ext.s3.brave.com' },
];

const FIREFOX: readonly Place[] = [
  { host: 'services.mozilla.com' },
  { host: 'telemetry.mozilla.org' },
  { host: 'aus5.mozilla.org' },
  { host: 'ads.mozilla.org' },
  { host: 'cdn.mozilla.net' },
  { host: 'detectportal.firefox.com' },
  { host: 'ciscobinary.openh264.org' },
];

const PLACES: Readonly<Record<BrowserFamily, readonly Place[]>> = {
  chromium: CHROMIUM,
  firefox: FIREFOX,
};

/** Recognizes background requests of a browser of this family: updates, telemetry, lists of dangerous sites. */
export function ownTraffic(family: BrowserFamily): (url: string) => boolean {
  const places = PLACES[family];
  return (url) => {
    if (!URL.canParse(url)) return false;
    const { hostname, pathname } = new URL(url);
    return places.some(
      ({ host, path }) =>
        (hostname === host || hostname.endsWith(`.${host}`)) &&
        (path === undefined || pathname === path),
    );
  };
}
