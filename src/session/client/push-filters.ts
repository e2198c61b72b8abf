import { type RecordedOptions, readRecordedOptions } from '../../options/recorded.ts';
import type { PushFilters } from '../../sync/wire/protocol.ts';

/**
 * Reads the filters of a page as if they were options of `pmproxy sync`.
 *
 * @throws UserError that names the option, the value and what would be right
 */
export function readPushFilters({ kinds, ...filters }: PushFilters): RecordedOptions {
  return readRecordedOptions({ ...filters, type: kinds });
}
