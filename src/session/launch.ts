import { usageError } from '../errors.ts';
import type { Browser } from '../launch/browsers/find.ts';
import { ownTraffic } from '../launch/browsers/own-traffic.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { RecordedOptions } from '../options/recorded.ts';

/** A browser to start, and what is handed to it. */
export type BrowserLaunch = {
  readonly browser: Browser;
  readonly args: readonly string[];
  readonly urls: readonly string[];
};

/**
 * What a proxy command runs: with `--browser`, the browser, which opens the URLs after `--`; otherwise the command that
 * is after `--`.
 *
 * @throws UserError (exit code 2) when there is no such browser, or what is after `--` is not a URL
 */
export async function launchOf(
  { browser, browserArg, isolate }: Pick<ProxyCommandOptions, 'browser' | 'browserArg' | 'isolate'>,
  wrapped: readonly string[],
): Promise<{ readonly wrapped: readonly string[]; readonly browser?: BrowserLaunch }> {
  if (isolate && (browser !== undefined || wrapped.length === 0)) {
    throw usageError('--isolate needs a command.', 'Try: pmproxy save --isolate -- ./program');
  }
  if (browser === undefined) return { wrapped };
  const { pageUrls } = await import('../launch/browsers/urls.ts');
  const urls = pageUrls(wrapped);
  const { findBrowser, thisMachine } = await import('../launch/browsers/find.ts');
  const found = findBrowser(browser, thisMachine());
  if (found.family === 'chromium') {
    const { checkChromiumUrls } = await import('../launch/browsers/chromium.ts');
    checkChromiumUrls({ args: browserArg, urls });
  }
  return { wrapped: [], browser: { browser: found, args: browserArg, urls } };
}

/**
 * Leaves a browser's own traffic out of a recording, unless `--url` or `--host` say what is wanted.
 *
 * @param launch undefined without a browser
 */
export function withoutOwnTraffic(
  recorded: RecordedOptions,
  launch: BrowserLaunch | undefined,
): RecordedOptions {
  if (launch === undefined || recorded.url.length > 0 || recorded.host.length > 0) return recorded;
  return { ...recorded, notUrl: [...recorded.notUrl, ownTraffic(launch.browser.family)] };
}
