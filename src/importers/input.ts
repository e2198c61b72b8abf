import { UserError } from '../errors.ts';
import type { Recording } from '../exchange.ts';

/** A recording that is open for reading. A position without an HTTP exchange yields nothing. */
export type Input = Recording & { close(): Promise<void> };

/** Called with each read error; throws unless reading should continue without that part. */
export type OnFault = (fault: UserError) => void;

/** Called with content that no format can hold: its kind in the plural, and its location. */
export type OnLeftOut = (kind: string, place: string) => void;

/** Shortens a very deep path to its end, where paths differ. */
export function shownPlace(path: string): string {
  return path.length <= LONGEST_PLACE ? path : `…${path.slice(-LONGEST_PLACE)}`;
}

const LONGEST_PLACE = 240;

/** Reads; on failure reports the fault and returns undefined. */
export function attempted<T>(read: () => T, onFault: OnFault): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onFault(error);
    return undefined;
  }
}

/** Reports each fault once, however often it occurs. */
export function toldOnce(onFault: OnFault): OnFault {
  const told = new Set<string>();
  return (fault) => {
    if (told.has(fault.message)) return;
    // A handler that stops at a fault throws.
    onFault(fault);
    told.add(fault.message);
  };
}
