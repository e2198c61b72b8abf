import type { Exchange } from '../../exchange.ts';
import { entryOf } from '../../har/entry.ts';
import type { HarEntry } from '../../har/types.ts';
import { redactExchange } from '../../secrets/redact/recording.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';

/** How secret values are pushed. */
export type SecretsOptions = {
  readonly secrets: 'redact' | 'env' | 'keep';
  readonly redact: readonly string[];
};

/** Replaces secret values by variables. The same value gets the same variable in every exchange. */
export function redactor({
  secrets: mode,
  redact,
}: SecretsOptions): (exchange: Exchange) => Promise<Exchange> {
  const secrets = createSecrets({ mode, names: variableNames([]), redact });
  return (exchange) => redactExchange(exchange, secrets);
}

/** Makes the HAR entries that are pushed, without secrets. */
export function encoder(options: SecretsOptions): (exchange: Exchange) => Promise<HarEntry> {
  const redacted = redactor(options);
  return async (exchange) => entryOf(await redacted(exchange));
}
