import { redactRecording } from '../collection/redaction.ts';
import { createSecrets } from '../collection/secrets.ts';
import { variableNames } from '../collection/variables.ts';
import type { Recording } from '../exchange.ts';
import { entryOf } from '../har/entry.ts';
import type { HarEntry } from '../har/types.ts';
import { exportDefaults, type GivenOptions } from './exporter.ts';

/** The recording's exchanges as HAR entries, one at a time; secret values are variables as the options have it. */
export async function* entriesOf(
  recording: Recording,
  { secrets = exportDefaults.secrets, redact, onSecret }: GivenOptions,
): AsyncGenerator<HarEntry> {
  const replacing = createSecrets({ mode: secrets, names: variableNames([]), redact, onSecret });
  for await (const exchange of redactRecording(recording, replacing).read()) {
    yield await entryOf(exchange);
  }
}
