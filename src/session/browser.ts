import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserStart, chromiumArguments } from '../launch/browsers/chromium.ts';
import type { Browser } from '../launch/browsers/find.ts';
import {
  firefoxArguments,
  firefoxPreferences,
  withoutProxyVariables,
} from '../launch/browsers/firefox.ts';
import { firefoxCertificates } from '../launch/browsers/firefox-trust.ts';
import {
  makeProfile,
  profileRoot,
  removeAbandonedProfiles,
  removeProfile,
} from '../launch/browsers/profile.ts';
import { startBrowser } from '../launch/browsers/running.ts';
import type { CommandEnd } from '../launch/command.ts';
import { PUBLIC, writeNew } from '../new-files.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';
import type { BrowserLaunch } from './launch.ts';
import type { StopSignals } from './signals.ts';

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
    proxy.warmUp();
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
