import type { BrowserStart } from './chromium.ts';

type Preferences = Readonly<Record<string, string | number | boolean>>;

/**
 * The command line of Firefox. The proxy and all other settings are in the profile, see {@link firefoxPreferences}.
 *
 * @param platform on Windows, the started program would otherwise end at once and leave the browser running
 */
export function firefoxArguments(
  { profile, args, urls }: Pick<BrowserStart, 'profile' | 'args' | 'urls'>,
  platform: NodeJS.Platform,
): string[] {
  return [
    ...['--no-remote', '--new-instance', '--profile', profile],
    ...(platform === 'win32' ? ['--wait-for-browser'] : []),
    ...args,
    ...urls,
  ];
}

/** Removes the variables by which Firefox would use a proxy besides its preferences. */
export function withoutProxyVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:https?|all|no|ftp|wss?)_proxy$/i.test(name)),
  );
}

/** The text of `user.js`, from which Firefox reads the preferences of a profile at each start. */
export function firefoxPreferences(proxy: BrowserStart['proxy']): string {
  const preferences = { ...throughProxy(proxy), ...QUIET };
  return Object.entries(preferences)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}

function throughProxy({ hostname, port }: BrowserStart['proxy']): Preferences {
  return {
    'network.proxy.type': 1,
    'network.proxy.http': hostname,
    'network.proxy.http_port': port,
    'network.proxy.ssl': hostname,
    'network.proxy.ssl_port': port,
    'network.proxy.no_proxies_on': '',
    // Without it, localhost and 127.0.0.1 bypass the proxy.
    'network.proxy.allow_hijacking_localhost': true,
    // If the proxy fails, nothing bypasses it.
    'network.proxy.failover_direct': false,
    'network.trr.mode': 5,
    // Otherwise http:// URLs are tried over HTTPS first.
    'dom.security.https_first': false,
    'dom.security.https_first_schemeless': false,
  };
}

/** First-run pages, prompts, and background requests of Firefox. */
const QUIET: Preferences = {
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.homepage_override.mstone': 'ignore',
  'startup.homepage_welcome_url': 'about:blank',
  'startup.homepage_welcome_url.additional': '',
  'browser.newtabpage.enabled': false,
  'browser.tabs.warnOnClose': false,
  'browser.warnOnQuit': false,
  'browser.sessionstore.resume_from_crash': false,
  'toolkit.startup.max_resumed_crashes': -1,
  'termsofuse.bypassNotification': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.firstRunURL': '',
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.unified': false,
  'toolkit.telemetry.server': '',
  'app.update.enabled': false,
  'app.update.auto': false,
  'app.normandy.enabled': false,
  'nimbus.rollouts.enabled': false,
  'messaging-system.rsexperimentloader.enabled': false,
  'browser.discovery.enabled': false,
  'browser.region.update.enabled': false,
  'browser.region.network.url': '',
  'browser.search.update': false,
  'browser.ml.enable': false,
  'browser.newtabpage.activity-stream.feeds.topsites': false,
  'browser.newtabpage.activity-stream.feeds.system.topstories': false,
  'browser.topsites.contile.enabled': false,
  'browser.translations.enable': false,
  'browser.urlbar.suggest.searches': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'identity.fxaccounts.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-provider.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.prefetch-next': false,
  'network.predictor.enabled': false,
  'network.http.speculative-parallel-limit': 0,
  'browser.safebrowsing.blockedURIs.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'security.remote_settings.crlite_filters.enabled': false,
  'security.remote_settings.intermediates.enabled': false,
};
