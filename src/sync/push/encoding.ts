import type { Exchange, WebSocketMessage } from '../../exchange.ts';
import { withCall } from '../../grpc/described-calls.ts';
import type { TypeSource } from '../../grpc/message-types.ts';
import { entryOf } from '../../har/entry.ts';
import type { CallMark, HarEntry } from '../../har/types.ts';
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

/** Judges how an exchange without secrets compares with recordings. */
export type MarksOf = (exchange: Exchange) => Promise<readonly CallMark[]>;

/**
 * Makes an encoder.
 *
 * @param types where the types of gRPC messages come from
 * @param marksOf adds marks to the entries
 */
export function createEncoder(
  options: SecretsOptions,
  types?: TypeSource,
  marksOf?: MarksOf,
): Encoder {
  const secrets = secretsOf(options);
  return {
    async entry(exchange) {
      const redacted = await redactExchange(await withCall(exchange, types), secrets);
      const entry = await entryOf(redacted);
      return marksOf ? withMarks(entry, await marksOf(redacted)) : entry;
    },
    text: (text) => secrets.text(text),
    message: (message) => redactFrame(message, secrets),
  };
}

/** The entry with marks, if there are any. */
export function withMarks(entry: HarEntry, marks: readonly CallMark[]): HarEntry {
  return marks.length > 0 ? { ...entry, _marks: marks } : entry;
}

function secretsOf({ secrets: mode, redact }: SecretsOptions): Secrets {
  return createSecrets({ mode, names: variableNames([]), redact });
}
