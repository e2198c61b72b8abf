import { usageError } from '../../errors.ts';
import { readOptions } from '../../options/option.ts';
import { shownOptions } from '../../options/sync.ts';
import { type ClientAddress, clientAddress } from '../../sync/push/address.ts';

/**
 * Reads where calls are shown.
 *
 * @returns undefined where they are not
 * @throws UserError (exit code 2) for a bad value or options that contradict each other
 */
export function readShownOptions(
  given: Readonly<Record<string, unknown>>,
): ClientAddress | undefined {
  const { client, token } = readOptions(shownOptions, given);
  if (client === undefined) {
    if (token !== undefined) throw usageError('--token is for --client, which is not given.');
    return undefined;
  }
  const address = clientAddress(client);
  return { ...address, token: token ?? address.token };
}
