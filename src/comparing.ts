import { ignoredPlaces } from './calls/ignored.ts';
import { type Comparison, compareRecordings } from './compare/comparison.ts';
import type { Recording } from './exchange.ts';
import { openRecordings } from './session/inputs.ts';

export type CompareOptions = {
  /** Headers, parameters and JSON paths (`$.items[].id`) that may differ. */
  readonly ignore?: readonly string[];
};

/**
 * Compares two recordings endpoint by endpoint, as `pmproxy diff` does.
 *
 * @param old the yardstick: a path as `pmproxy diff` reads it, or what {@link startRecording} recorded
 * @param fresh what is compared with it
 * @throws UserError when one cannot be read
 */
export async function compare(
  old: string | Recording,
  fresh: string | Recording,
  { ignore = [] }: CompareOptions = {},
): Promise<Comparison> {
  const [before, after] = await Promise.all([opened(old), opened(fresh)]);
  try {
    const isIgnored = ignoredPlaces(ignore);
    return await compareRecordings(before.recording, after.recording, { isIgnored });
  } finally {
    await Promise.all([before.close(), after.close()]);
  }
}

async function opened(given: string | Recording) {
  if (typeof given !== 'string') return { recording: given, close: async () => {} };
  const { recordings, close } = await openRecordings([given]);
  return { recording: recordings[0] as Recording, close };
}
