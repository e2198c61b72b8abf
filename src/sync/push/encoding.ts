import type { Exchange } from '../../exchange.ts';
import { withCall } from '../../grpc/described-calls.ts';
import type { TypeSource } from '../../grpc/message-types.ts';
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

/**
 * Makes the HAR entries that are pushed, without secrets.
 *
 * @param types where the types of gRPC messages come from
 */
export function encoder(
  options: SecretsOptions,
  types?: TypeSource,
): (exchange: Exchange) => Promise<HarEntry> {
  const redacted = redactor(options);
  return async (exchange) => entryOf(await redacted(await withCall(exchange, types)));
}
