import type { Exchange, WebSocketMessage } from '../../exchange.ts';
import { withCall } from '../../grpc/described-calls.ts';
import type { TypeSource } from '../../grpc/message-types.ts';
import { entryOf } from '../../har/entry.ts';
import type { HarEntry } from '../../har/types.ts';
import { redactFrame } from '../../secrets/redact/body.ts';
import { redactExchange } from '../../secrets/redact/recording.ts';
import { createSecrets, type Secrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';

/** How secret values are pushed. */
export type SecretsOptions = {
  readonly secrets: 'redact' | 'env' | 'keep';
  readonly redact: readonly string[];
};

/** Replaces secret values by variables. The same value gets the same variable in every exchange. */
export function redactor(options: SecretsOptions): (exchange: Exchange) => Promise<Exchange> {
  const secrets = secretsOf(options);
  return (exchange) => redactExchange(exchange, secrets);
}

/** Makes what is pushed, without secrets. The same value gets the same variable everywhere. */
export type Encoder = {
  /** The HAR entry of an exchange. */
  entry(exchange: Exchange): Promise<HarEntry>;
  /** A text that is a part of a stream: the data of an event, or a line. */
  text(text: string): string;
  message(message: WebSocketMessage): WebSocketMessage;
};

/**
 * Makes an encoder.
 *
 * @param types where the types of gRPC messages come from
 */
export function createEncoder(options: SecretsOptions, types?: TypeSource): Encoder {
  const secrets = secretsOf(options);
  return {
    entry: async (exchange) =>
      entryOf(await redactExchange(await withCall(exchange, types), secrets)),
    text: (text) => secrets.text(text),
    message: (message) => redactFrame(message, secrets),
  };
}

function secretsOf({ secrets: mode, redact }: SecretsOptions): Secrets {
  return createSecrets({ mode, names: variableNames([]), redact });
}
