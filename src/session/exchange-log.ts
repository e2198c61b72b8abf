import type { Exchange } from '../exchange.ts';
import type { RecordedOptions } from '../options/recorded.ts';
import type { StreamHead } from '../record/live-streams.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { variableNames } from '../secrets/variables.ts';
import { exchangeFields, exchangeLine } from '../terminal/exchange-line.ts';
import type { Log } from '../terminal/log.ts';
import { streamLine } from '../terminal/stream-line.ts';
import type { Style } from '../terminal/style.ts';

/** Logs each exchange when it ends, without the secrets of its URL. */
export function exchangeLogger(
  log: Log,
  style: Style,
  secrets: Pick<RecordedOptions, 'secrets' | 'redact'>,
): (exchange: Exchange) => void {
  const withoutSecrets = urlRedactor(secrets);
  return (exchange) => {
    const shown = withUrl(exchange, withoutSecrets(exchange.request.url));
    log.info({ exchange: exchangeFields(shown), line: exchangeLine(shown, style) }, 'exchange');
  };
}

/** Logs each stream when it opens, without the secrets of its URL. */
export function streamLogger(
  log: Log,
  style: Style,
  secrets: Pick<RecordedOptions, 'secrets' | 'redact'>,
): (head: StreamHead) => void {
  const withoutSecrets = urlRedactor(secrets);
  return ({ seq, kind, request, response }) => {
    const { method } = request;
    const opened = { seq, method, url: withoutSecrets(request.url), status: response.status, kind };
    log.info({ stream: opened, line: streamLine(opened, style) }, 'stream');
  };
}

/**
 * Logs each exchange in which headers were rewritten. Nothing is recorded then, so nobody has asked for values: names are
 * shown, and a query, which is where keys and tokens are, is left out.
 */
export function rewrittenLogger(log: Log, style: Style): (exchange: Exchange) => void {
  const withoutSecrets = urlRedactor({ secrets: 'redact', redact: [] });
  return (exchange) => {
    const shown = withUrl(exchange, withoutQuery(withoutSecrets(exchange.request.url)));
    const fields = { ...exchangeFields(shown), rewritten: exchange.rewritten };
    log.info({ exchange: fields, line: exchangeLine(shown, style) }, 'rewritten');
  };
}

/** How many secrets are remembered at a time: a log may run for days, and memory must not grow with it. */
const maxSecrets = 1000;

function urlRedactor({
  secrets: mode,
  redact,
}: Pick<RecordedOptions, 'secrets' | 'redact'>): (url: string) => string {
  const begin = () => createSecrets({ mode, names: variableNames([]), redact });
  let secrets = begin();
  return (url) => {
    if (!secrets.active) return url;
    if (secrets.variables.length > maxSecrets) secrets = begin();
    return secrets.url(url);
  };
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '?…');
}

function withUrl(exchange: Exchange, url: string): Exchange {
  return { ...exchange, request: { ...exchange.request, url } };
}
