import { type Exchange, headerValue } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { parseTarget, type Target } from '../../http/target.ts';

/** The reason why an exchange is noise, in plain words. */
export type NoiseKind =
  | 'CORS preflight'
  | 'icon'
  | 'beacon'
  | 'browser housekeeping'
  | 'repeated poll';

/** The kind of noise of a single exchange; repetition cannot be detected from one exchange. */
export function noiseOf({ request }: Exchange): NoiseKind | undefined {
  const target = parseTarget(request.url);
  if (isPreflight(request)) return 'CORS preflight';
  if (isHousekeeping(request, target)) return 'browser housekeeping';
  if (isBeacon(request, target)) return 'beacon';
  return request.method === 'GET' && ICON.test(target.path) ? 'icon' : undefined;
}

type Asked = Exchange['request'];

/** Fetch, 4.8: OPTIONS with the page's origin and the requested method. */
function isPreflight({ method, headers }: Asked): boolean {
  if (method !== 'OPTIONS') return false;
  const needed = ['origin', 'access-control-request-method'];
  return needed.every((name) => headerValue(headers, name) !== undefined);
}

/** Paths that browsers request by themselves, and those that devices add. */
const ICON =
  /^\/(?:favicon\.(?:ico|png|svg)|apple-touch-icon[\w-]*\.png|browserconfig\.xml|mstile-[\w-]+\.png)$/i;

/** Analytics services, including their subdomains. */
const MEASURING = [
  ...['google-analytics.com', 'analytics.google.com', 'googletagmanager.com', 'doubleclick.net'],
  ...['segment.io', 'segment.com', 'mixpanel.com', 'amplitude.com', 'heapanalytics.com'],
  ...['hotjar.com', 'hotjar.io', 'clarity.ms', 'fullstory.com', 'mouseflow.com', 'bat.bing.com'],
  ...['nr-data.net', 'browser-intake-datadoghq.com', 'browser-intake-datadoghq.eu'],
  ...['ingest.sentry.io', 'ingest.us.sentry.io', 'ingest.de.sentry.io', 'bugsnag.com'],
  ...['plausible.io', 'scorecardresearch.com', 'quantserve.com', 'cloudflareinsights.com'],
];

/** Paths of such services on a site's own host. */
const MEASURING_PATH =
  /^\/(?:(?:matomo|piwik)\.php|g\/collect|(?:j|r)\/collect|cdn-cgi\/rum|_vercel\/(?:insights|speed-insights)\/\w+)$/;

function isBeacon({ headers }: Asked, { host, path, query }: Target): boolean {
  if (isBelow(host, MEASURING) || MEASURING_PATH.test(path)) return true;
  if (path === '/collect' && /(?:^|&)v=\d/.test(query ?? '')) return true;
  if (host.toLowerCase() === 'www.facebook.com' && /^\/tr\/?$/.test(path)) return true;
  // HTML, 4.6.5: hyperlink auditing.
  return contentTypeOf(headers)?.essence === 'text/ping';
}

/** Updates, safe browsing, portal detection and the like, including subdomains. */
const HOUSEKEEPING = [
  ...[
    'update.googleapis.com',
    'safebrowsing.googleapis.com',
    'optimizationguide-pa.googleapis.com',
  ],
  ...['content-autofill.googleapis.com', 'clientservices.googleapis.com', 'gvt1.com', 'gvt2.com'],
  ...['clients1.google.com', 'clients2.google.com', 'clients3.google.com', 'clients4.google.com'],
  ...['connectivitycheck.gstatic.com', 'detectportal.firefox.com', 'services.mozilla.com'],
  ...['cdn.mozilla.net', 'telemetry.mozilla.org', 'aus5.mozilla.org', 'edge.microsoft.com'],
  ...['smartscreen.microsoft.com', 'events.data.microsoft.com', 'ctldl.windowsupdate.com'],
  ...['msftconnecttest.com', 'captive.apple.com', 'ocsp.apple.com', 'safebrowsing.apple'],
];

/** Reports that browsers send about a page (Reporting API; CSP, 5.3; certificates: RFC 6960, A.1). */
const REPORT_TYPES = new Set([
  'application/csp-report',
  'application/reports+json',
  'application/ocsp-request',
]);

function isHousekeeping({ headers }: Asked, { host, path }: Target): boolean {
  if (isBelow(host, HOUSEKEEPING)) return true;
  if (path === '/.well-known/appspecific/com.chrome.devtools.json') return true;
  return REPORT_TYPES.has(contentTypeOf(headers)?.essence ?? '');
}

function isBelow(host: string, domains: readonly string[]): boolean {
  const name = host.toLowerCase();
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
