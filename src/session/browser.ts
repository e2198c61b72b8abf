import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../errors.ts';
import {
  type BrowserStart,
  checkChromiumUrls,
  chromiumArguments,
} from '../launch/browsers/chromium.ts';
import { type Browser, findBrowser, thisMachine } from '../launch/browsers/find.ts';
import {
  firefoxArguments,
  firefoxPreferences,
  withoutProxyVariables,
} from '../launch/browsers/firefox.ts';
import { firefoxCertificates } from '../launch/browsers/firefox-trust.ts';
import { ownTraffic } from '../launch/browsers/own-traffic.ts';
import {
  makeProfile,
  profileRoot,
  removeAbandonedProfiles,
  removeProfile,
} from '../launch/browsers/profile.ts';
import { startBrowser } from '../launch/browsers/running.ts';
import { pageUrls } from '../launch/browsers/urls.ts';
import type { CommandEnd } from '../launch/command.ts';
import { PUBLIC, writeNew } from '../new-files.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';
import type { StopSignals } from './signals.ts';

/** A browser to start, and what is handed to it. */
export type BrowserLaunch = {
  readonly browser: Browser;
  readonly args: readonly string[];
  readonly urls: readonly string[];
};

/**
 * What a proxy command runs: with `--browser`, the browser, which opens the URLs behind `--`; otherwise the command that
 * is behind `--`.
 *
 * @throws UserError (exit code 2) when there is no such browser, or what is behind `--` is not a URL
 */
export function launchOf(
  { browser, browserArg, isolate }: Pick<ProxyCommandOptions, 'browser' | 'browserArg' | 'isolate'>,
  wrapped: readonly string[],
): { readonly wrapped: readonly string[]; readonly browser?: BrowserLaunch } {
  if (isolate && (browser !== undefined || wrapped.length === 0)) {
    throw usageError('--isolate needs a command.', 'Try: pmproxy save --isolate -- ./program');
  }
  if (browser === undefined) return { wrapped };
  const urls = pageUrls(wrapped);
  const found = findBrowser(browser, thisMachine());
  if (found.family === 'chromium') checkChromiumUrls({ args: browserArg, urls });
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

/** What a browser runs in: the life of a proxy command. */
type Surroundings = {
  readonly options: Pick<ProxyCommandOptions, 'grace' | 'proxyAuth'>;
  readonly log: Log;
  readonly signals: StopSignals;
  /** Rejects when something broke that makes going on pointless. */
  readonly broken?: Promise<never>;
};

/**
 * Runs a browser through the proxy, with a new profile that is removed afterwards, until it is closed or a signal comes.
 *
 * @returns the browser's end as a command's; after a signal none, as without a command
 */
export async function runBrowser(
  { browser, args, urls }: BrowserLaunch,
  { options, log, signals, broken }: Surroundings,
  proxy: RunningProxy,
): Promise<{ readonly command?: CommandEnd }> {
  const root = profileRoot(browser.program);
  const profile = await makeProfile(root);
  try {
    const { hostname, port } = new URL(proxy.url);
    const isRoot = process.getuid?.() === 0;
    const start = {
      profile: profile.folder,
      proxy: { hostname, port: Number(port) },
      spkiFingerprint: proxy.authority.spkiFingerprint,
      ...{ args, urls, isRoot },
    };
    const commandLine = await prepare(browser, start, proxy.authority.files.cert);
    const env = withoutProxyVariables(process.env);
    const running = startBrowser(browser, commandLine, { profile, env });
    log.info(
      { browser: browser.program },
      `Started ${browser.title} with a new profile. To stop, close it or press Ctrl+C.`,
    );
    if (options.proxyAuth !== undefined)
      log.warn({}, 'the browser asks for the user and password of --proxy-auth');
    if (isRoot && browser.family === 'chromium')
      log.warn({}, 'running as root: the browser has no sandbox (--no-sandbox)');
    // While the browser starts: what makes certificates is loaded with the first one, whatever its host.
    proxy.authority.credentialsFor('localhost').catch(() => {});
    void removeAbandonedProfiles(root);
    const stops = [signals.first, ...(broken ? [broken.catch(() => 'SIGTERM' as const)] : [])];
    const ended = await Promise.race([running.finished, ...stops]);
    if (typeof ended === 'string') {
      running.stop(options.grace);
      signals.hurry.addEventListener('abort', () => running.kill(), { once: true });
      await running.finished;
      return {};
    }
    const { exitCode, failure, neverRan } = ended;
    if (failure) log.error({ err: failure }, failure.message);
    return { command: { exitCode, ...(failure && neverRan && { failure }) } };
  } finally {
    if (!(await removeProfile(profile)))
      log.debug(
        { folder: profile.around },
        'the profile is still in use; the next start removes it',
      );
  }
}

async function prepare(
  { family }: Browser,
  start: BrowserStart,
  caFile: string,
): Promise<readonly string[]> {
  if (family === 'chromium') return chromiumArguments(start);
  const { profile, proxy } = start;
  const certificates = firefoxCertificates(await readFile(caFile, 'utf8'));
  await writeNew(join(profile, 'cert9.db'), certificates, PUBLIC);
  await writeNew(join(profile, 'user.js'), firefoxPreferences(proxy), PUBLIC);
  return firefoxArguments(start, process.platform);
}
