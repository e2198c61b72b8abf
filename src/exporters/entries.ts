import { analyse, isAnalysis } from '../analysis/analysis.ts';
import { collectionDefaults } from '../analysis/options.ts';
import { recordingOf } from '../document/exchanges.ts';
import type { Exchange, Recording } from '../exchange.ts';
import { entryOf } from '../har/entry.ts';
import type { HarEntry } from '../har/types.ts';
import { redactExchange, redactRecording } from '../secrets/redact/recording.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { variableNames } from '../secrets/variables.ts';
import { type GivenOptions, isRecording, type Source } from './exporter.ts';

/** Yields a source's exchanges as HAR entries; secret values become variables according to the options. */
export async function* entriesOf(source: Source, options: GivenOptions): AsyncGenerator<HarEntry> {
  const { environment, onLoss } = options;
  const recording = isRecording(source) ? source : recordingOf(source, environment, onLoss);
  for await (const exchange of shownExchanges(recording, options)) yield await entryOf(exchange);
}

/** A recording in progress cannot be read in advance: its secrets are known only from their first appearance. */
async function* shownExchanges(
  recording: Recording,
  { secrets: mode = collectionDefaults.secrets, redact, onSecret }: GivenOptions,
): AsyncGenerator<Exchange> {
  if (recording.live) {
    const secrets = createSecrets({ mode, names: variableNames([]), redact, onSecret });
    yield* redactRecording(recording, secrets).read();
    return;
  }
  const asked = { secrets: mode, ...(redact && { redact }), withoutNoise: false, surveys: [] };
  const analysis = isAnalysis(recording) ? recording : await analyse(recording, asked);
  const { secrets: replacing, learned } = analysis.secretsFor({ onSecret });
  for await (const exchange of analysis.read()) {
    yield await redactExchange(exchange, replacing, learned);
  }
}
