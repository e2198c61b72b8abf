import { homeFolder } from '../home.ts';
import { DEFAULTS } from '../options/defaults.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readRewrittenOptions, rewrittenOptions } from '../options/rewritten.ts';
import { compileFilters } from '../record/filters.ts';
import { createWatcher } from '../record/watcher.ts';
import { rewrittenLogger } from '../session/exchange-log.ts';
import { launchOf } from '../session/launch.ts';
import { openLog } from '../session/open-log.ts';
import { exitCodeOf, runProxy } from '../session/proxy-run.ts';
import { pagesAllowed, rewriterFor, warnOfAnyOrigin } from '../session/rewriting.ts';
import { watchStopSignals } from '../session/signals.ts';
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
    'The proxy': proxyOptions,
  },
  wrapsCommand: true,
  run: filter,
};

async function filter({ given, wrapped }: CommandCall): Promise<number> {
  const options = readProxyOptions(given);
  const launch = await launchOf(options, wrapped);
  const rewritten = readRewrittenOptions(given);
  const limits = compileFilters(readRecordedOptions(given));
  const { log, style } = openLog(options);
  const watcher = createWatcher(
    log.isLevelEnabled('info') ? rewrittenLogger(log, style) : undefined,
  );
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
      log,
      signals,
      onReady({ url: proxy, authority }) {
        const ca = authority.files.cert;
        log.info({ proxy, ca }, `Rewriting ${rewritten.prefix}… headers through ${proxy}`);
        log.info({ allowOrigin: rewritten.allowOrigin }, pagesAllowed(rewritten));
      },
    });
    if (end.command?.failure) return end.command.exitCode;
    const { passed, rewritten: count } = watcher.counts;
    const requests = passed === 1 ? 'request' : 'requests';
    log.info(watcher.counts, `Rewrote ${count} of ${passed} ${requests}.`);
    return exitCodeOf(end, signals);
  } finally {
    signals.finish();
  }
}
