import { usageError } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import { readOptions, withDefault } from './option.ts';
import type { ProxyCommandOptions } from './proxy.ts';
import { count } from './values.ts';

const mostWorkers = 64;

/** The option of `save`, `filter` and `sync` that shares the traffic out among processes. */
export const workersOptions = {
  workers: withDefault(
    '--workers <n>',
    'share the connections among this many processes, for more than one processor core (not for mock)',
    count.refine(
      (workers) => workers >= 1 && workers <= mostWorkers,
      `write a whole number from 1 to ${mostWorkers}`,
    ),
    String(DEFAULTS.workers),
  ),
} as const;

/** How many processes accept connections, and what commander collected, which they read as well. */
export type WorkersOption = {
  readonly count: number;
  readonly given: Readonly<Record<string, unknown>>;
};

/**
 * Reads how many processes accept connections.
 *
 * @returns undefined for one, which is this process
 * @throws UserError (exit code 2) for a bad value, or together with an option that needs a single process
 */
export function readWorkersOption(
  given: Readonly<Record<string, unknown>>,
  { isolate }: Pick<ProxyCommandOptions, 'isolate'>,
): WorkersOption | undefined {
  const { workers } = readOptions(workersOptions, given);
  if (workers === 1) return undefined;
  if (isolate)
    throw usageError(`--isolate contradicts --workers ${workers}: leave one of them out.`);
  return { count: workers, given };
}
