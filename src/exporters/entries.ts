import { redactRecording } from '../collection/redaction.ts';
import { createSecrets } from '../collection/secrets.ts';
import { variableNames } from '../collection/variables.ts';
import { recordingOf } from '../document/exchanges.ts';
import { entryOf } from '../har/entry.ts';
import type { HarEntry } from '../har/types.ts';
import { exportDefaults, type GivenOptions, isRecording, type Source } from './exporter.ts';

/** The exchanges of a source as HAR entries, one at a time; secret values are variables as the options have it. */
export async function* entriesOf(
  source: Source,
  { secrets = exportDefaults.secrets, redact, onSecret, environment, onLoss }: GivenOptions,
): AsyncGenerator<HarEntry> {
  const recording = isRecording(source) ? source : recordingOf(source, environment, onLoss);
  const replacing = createSecrets({ mode: secrets, names: variableNames([]), redact, onSecret });
  for await (const exchange of redactRecording(recording, replacing).read()) {
    yield await entryOf(exchange);
  }
}
