import { UserError } from '../errors.ts';
import type { Recording } from '../exchange.ts';

/** Something that was recorded before, open for reading. A place that holds no HTTP exchange gives nothing. */
export type Input = Recording & { close(): Promise<void> };

/** Told of what cannot be read; it throws unless the rest shall be read without it. */
export type OnFault = (fault: UserError) => void;

/** Reads, or tells of the fault that makes that impossible and gives nothing. */
export function attempted<T>(read: () => T, onFault: OnFault): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onFault(error);
    return undefined;
  }
}
