import type { Exchange } from '../exchange.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { variableNames } from '../secrets/variables.ts';

/** As many secrets are known at a time: a log goes on for days, and memory must not grow with it. */
const KNOWN = 1000;

/**
 * Makes exchanges fit for log lines: variables in the place of the secrets of their URLs.
 *
 * @param redact further names whose values are secret
 */
export function logRedactor(
  mode: 'redact' | 'env' | 'keep',
  redact: readonly string[] = [],
): (exchange: Exchange) => Exchange {
  const begin = () => createSecrets({ mode, names: variableNames([]), redact });
  let secrets = begin();
  return (exchange) => {
    if (!secrets.active) return exchange;
    if (secrets.variables.length > KNOWN) secrets = begin();
    const { request } = exchange;
    return { ...exchange, request: { ...request, url: secrets.url(request.url) } };
  };
}
