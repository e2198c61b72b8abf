import { homeFolder } from '../home.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readRewrittenOptions, rewrittenOptions } from '../options/rewritten.ts';
import { readWorkersOption, type WorkersOption, workersOptions } from '../options/workers.ts';
import { compileFilters } from '../record/filters.ts';
import { createWatcher, type WatcherCounts } from '../record/watcher.ts';
import { rewrittenLogger } from '../session/exchange-log.ts';
import { launchOf } from '../session/launch.ts';
import { openLog } from '../session/open-log.ts';
import { exitCodeOf, type RunEnd, runProxy } from '../session/proxy-run.ts';
import { pagesAllowed, rewriterFor, warnOfAnyOrigin } from '../session/rewriting.ts';
import { watchStopSignals } from '../session/signals.ts';
import type { Pool } from '../session/workers/pool.ts';
import type { Log } from '../terminal/log.ts';
import type { CommandCall, CommandModule } from './command.ts';

const { url, host, methods } = recordedOptions;

/** What is rewritten; the rest passes as it is. */
const limitOptions = {
  url: { ...url, meaning: 'rewrite only URLs that match a glob or /regex/flags (repeatable)' },
  host: { ...host, meaning: 'only this host, or a pattern such as *.example.com (repeatable)' },
  methods: { ...methods, meaning: 'only these methods, such as GET,POST' },
} as const;

/** `pmproxy filter`: lets browser clients send the headers that browsers forbid. */
export const filterCommand: CommandModule = {
  description:
    'Lets browser-based clients send the headers that browsers forbid: they write\n' +
    `${DEFAULTS.prefix}Origin: x, and the server receives Origin: x. Records nothing.`,
  examples: [
    'pmproxy filter --allow-origin https://client.example',
    'pmproxy filter --browser --allow-origin https://a.test -- https://a.test/',
    `curl -x localhost:${DEFAULTS.proxyPort} -H '${DEFAULTS.prefix}Origin: http://a.test' http://b.test/`,
  ],
  options: {
    'What is rewritten': { ...rewrittenOptions, ...limitOptions },
    'The proxy': { ...proxyOptions, ...workersOptions },
  },
  wrapsCommand: true,
  run: filter,
};

async function filter({ given, wrapped }: CommandCall): Promise<number> {
  const options = readProxyOptions(given);
  const launch = await launchOf(options, wrapped);
  const workers = readWorkersOption(given, options);
  const rewritten = readRewrittenOptions(given);
  const limits = compileFilters(readRecordedOptions(given));
  const { log, style } = openLog(options);
  const watcher = createWatcher(
    log.isLevelEnabled('info') ? rewrittenLogger(log, style) : undefined,
  );
  const pool = workers && (await poolOf(workers, log));
  warnOfAnyOrigin(rewritten, log);
  const signals = watchStopSignals();
  try {
    const end = await runProxy({
      name: 'filter',
      options,
      home: homeFolder(),
      ...launch,
      observer: watcher,
      rewriter: rewriterFor(rewritten, limits.acceptsRequest),
      ...(pool && { start: pool.start, refresh: pool.refresh, broken: pool.down }),
      log,
      signals,
      onReady({ url: proxy, authority }) {
        const ca = authority.files.cert;
        log.info({ proxy, ca }, `Rewriting ${rewritten.prefix}… headers through ${proxy}`);
        log.info({ allowOrigin: rewritten.allowOrigin }, pagesAllowed(rewritten));
      },
    }).catch((error: unknown): RunEnd => {
      // The log says so already.
      if (pool?.isDown) return {};
      throw error;
    });
    if (end.command?.failure) return end.command.exitCode;
    const { counts } = pool ?? watcher;
    const requests = counts.passed === 1 ? 'request' : 'requests';
    log.info(counts, `Rewrote ${counts.rewritten} of ${counts.passed} ${requests}.`);
    const exitCode = exitCodeOf(end, signals);
    return exitCode === 0 && pool?.hasLost ? 1 : exitCode;
  } finally {
    signals.finish();
  }
}

/** What starts other processes is loaded only where there are some. */
async function poolOf({ count, given }: WorkersOption, log: Log): Promise<Pool<WatcherCounts>> {
  const { createPool } = await import('../session/workers/pool.ts');
  const none = { passed: 0, rewritten: 0 };
  return createPool({ count, given, none, taskOf: () => ({ kind: 'filter' }), log });
}
