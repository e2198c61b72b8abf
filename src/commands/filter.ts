import type { Exchange } from '../exchange.ts';
import { homeFolder } from '../home.ts';
import { withDashes } from '../options/arguments.ts';
import { proxyOptions, readProxyOptions } from '../options/proxy.ts';
import { readRecordedOptions, recordedOptions } from '../options/recorded.ts';
import { readRewrittenOptions, rewrittenOptions } from '../options/rewritten.ts';
import { compileFilters } from '../record/filters.ts';
import { createWatcher } from '../record/watcher.ts';
import { launchOf } from '../session/browser.ts';
import { logRedactor } from '../session/log-redaction.ts';
import { openLog } from '../session/open-log.ts';
import { pagesAllowed, rewriterFor, warnOfAnyOrigin } from '../session/rewriting.ts';
import { bindWarning, runProxy } from '../session/run.ts';
import { watchStopSignals } from '../session/signals.ts';
import { exchangeFields, exchangeLine } from '../terminal/exchange-line.ts';
import type { Log } from '../terminal/log.ts';
import type { Style } from '../terminal/style.ts';
import { type CommandCall, type CommandModule, groupedOptions } from './command.ts';

const { url, host, methods } = recordedOptions;

/** What is rewritten; the rest passes as it is. */
const limitOptions = {
  url: { ...url, meaning: 'rewrite only URLs that match a glob or /regex/flags (repeatable)' },
  host: { ...host, meaning: 'only this host, or a pattern such as *.example.com (repeatable)' },
  methods: { ...methods, meaning: 'only these methods, such as GET,POST' },
} as const;

const examples = `
Examples:
  pmproxy filter --allow-origin https://client.example
  pmproxy filter --browser --allow-origin https://a.test -- https://a.test/
  curl -x localhost:8080 -H 'Postman-Origin: http://a.test' http://b.test/`;

/** `pmproxy filter`: lets browser clients send the headers that browsers forbid. */
export const filterCommand: CommandModule = {
  wrapsCommand: true,
  declare(command) {
    command
      .description(
        'Lets browser-based clients send the headers that browsers forbid: they write\n' +
          'Postman-Origin: x, and the server receives Origin: x. Records nothing.',
      )
      .usage('[options] [-- command [args…]]')
      .addHelpText('after', examples);
    const options = groupedOptions({
      'What is rewritten': { ...rewrittenOptions, ...limitOptions },
      'The proxy': proxyOptions,
    });
    for (const option of options) command.addOption(option);
  },
  normalise: (args, command) => withDashes(args, command.options),
  run: filter,
};

async function filter({ given, wrapped }: CommandCall): Promise<number> {
  const options = readProxyOptions(given);
  const launch = launchOf(options, wrapped);
  const rewritten = readRewrittenOptions(given);
  const limits = compileFilters(readRecordedOptions(given));
  const { log, style } = openLog(options);
  const watcher = createWatcher(
    log.isLevelEnabled('info') ? (exchange) => tellOf(exchange, log, style) : undefined,
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
      broken: new Promise<never>(() => {}),
      onReady(proxy) {
        bindWarning(options, log);
        const ca = proxy.authority.files.cert;
        const prefix = rewritten.prefix;
        log.info({ proxy: proxy.url, ca }, `Rewriting ${prefix}… headers through ${proxy.url}`);
        log.info({ allowOrigin: rewritten.allowOrigin }, pagesAllowed(rewritten));
        if (wrapped.length === 0 && launch.browser === undefined) {
          log.info({}, `For HTTPS, clients must trust ${ca}. Ctrl+C stops.`);
        }
      },
    });
    if (end.command?.failure) return end.command.exitCode;
    const { passed, rewritten: count } = watcher.counts;
    log.info(
      watcher.counts,
      `Rewrote ${count} of ${passed} ${passed === 1 ? 'request' : 'requests'}.`,
    );
    return end.command?.exitCode ?? (signals.hurry.aborted ? 130 : 0);
  } finally {
    signals.finish();
  }
}

function tellOf(exchange: Exchange, log: Log, style: Style): void {
  const shown = withoutQuery(withoutSecrets(exchange));
  const fields = { ...exchangeFields(shown), rewritten: exchange.rewritten };
  log.info({ exchange: fields, line: exchangeLine(shown, style) }, 'rewritten');
}

// Nothing is recorded here, so that nobody has asked for anything else.
const withoutSecrets = logRedactor('redact');

// Names are shown, values are not, and a query is where keys and tokens stand.
function withoutQuery(exchange: Exchange): Exchange {
  const { request } = exchange;
  const url = request.url.replace(/\?.*$/s, '?…');
  return { ...exchange, request: { ...request, url } };
}
