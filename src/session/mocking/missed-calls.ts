import { usageError } from '../../errors.ts';
import type { Exchange, Recording } from '../../exchange.ts';
import { formatFor, formatIds } from '../../exporters/index.ts';
import { readRecordedOptions } from '../../options/recorded.ts';
import { readWrittenOptions } from '../../options/written.ts';
import { planRenderings } from '../../output/plan.ts';
import { redactRecording } from '../../secrets/redact/recording.ts';
import { createSecrets } from '../../secrets/secrets.ts';
import { variableNames } from '../../secrets/variables.ts';
import type { Log } from '../../terminal/log.ts';
import { counted } from '../../terminal/summary.ts';
import { type CommandRecording, openRecorded } from '../recording/command-recording.ts';

/**
 * Adds what a mock forwards to its recording at the end (`--missing record`).
 *
 * @param path the file that is added to
 * @param recorded what is in it, as a recording
 * @param made the recording of what passes, which has ended when it is added
 * @returns what adds them
 * @throws UserError (exit code 2) for a format that nothing can be added to
 */
export async function addingMissedCalls(
  path: string,
  recorded: Recording,
  { journal }: CommandRecording,
  log: Log,
): Promise<() => Promise<void>> {
  const format = formatFor(path, undefined);
  const isAppended = format.append !== undefined;
  if (!isAppended && !('reads' in format && format.reads === 'exchanges'))
    throw usageError(`--missing record cannot add to ${path}: ${format.id} does not support that.`);
  const written = readWrittenOptions(formatIds, { output: [path], append: isAppended });
  const renderings = await planRenderings(written);
  const options = readRecordedOptions({});
  return async () => {
    const journalled = openRecorded(journal, log);
    const { render } = await import('../../output/render.ts');
    try {
      const forwarded = await partOf(journalled, wasForwarded);
      if (forwarded.size > 0) {
        // What is there is kept as it is, secrets and all; what is new comes without.
        const source = isAppended ? forwarded : joined(recorded, withoutSecrets(forwarded));
        const secrets = isAppended ? options.secrets : 'keep';
        await render({ recording: source }, renderings, { ...options, ...written, secrets });
      }
      log.info({}, `Added ${counted(forwarded.size, 'call')} to ${path}.`);
    } finally {
      journalled.close();
    }
  };
}

/** Only a server that was asked has an address. */
function wasForwarded({ connection }: Exchange): boolean {
  return connection.upstream !== undefined;
}

async function partOf(
  recording: Recording,
  isWanted: (exchange: Exchange) => boolean,
): Promise<Recording> {
  const places: number[] = [];
  let place = 0;
  for await (const exchange of recording.read()) {
    if (isWanted(exchange)) places.push(place);
    place += 1;
  }
  return {
    size: places.length,
    read: (order: Iterable<number> = places.keys()) =>
      recording.read(Array.from(order, (at) => places[at] ?? 0)),
  };
}

function withoutSecrets(recording: Recording): Recording {
  return redactRecording(recording, createSecrets({ mode: 'redact', names: variableNames([]) }));
}

/** One after the other. */
function joined(first: Recording, second: Recording): Recording {
  const size = first.size + second.size;
  return {
    size,
    async *read(order: Iterable<number> = Array(size).keys()) {
      for (const place of order) {
        const isFirst = place < first.size;
        yield* isFirst ? first.read([place]) : second.read([place - first.size]);
      }
    },
  };
}
