import { collectionDefaults } from '../analysis/options.ts';
import { recordingOf } from '../document/exchanges.ts';
import { entryOf } from '../har/entry.ts';
import type { HarEntry } from '../har/types.ts';
import { redactRecording } from '../secrets/redact/recording.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { variableNames } from '../secrets/variables.ts';
import { type GivenOptions, isRecording, type Source } from './exporter.ts';

/** The exchanges of a source as HAR entries, one at a time; secret values are variables as the options have it. */
export async function* entriesOf(
  source: Source,
  { secrets = collectionDefaults.secrets, redact, onSecret, environment, onLoss }: GivenOptions,
): AsyncGenerator<HarEntry> {
  const recording = isRecording(source) ? source : recordingOf(source, environment, onLoss);
  const replacing = createSecrets({ mode: secrets, names: variableNames([]), redact, onSecret });
  for await (const exchange of redactRecording(recording, replacing).read()) {
    yield await entryOf(exchange);
  }
}
