import { UserError } from '../errors.ts';
import type { Recording } from '../exchange.ts';

/** Something that was recorded before, open for reading. A place that holds no HTTP exchange gives nothing. */
export type Input = Recording & { close(): Promise<void> };

/** Told of what cannot be read; it throws unless the rest shall be read without it. */
export type OnFault = (fault: UserError) => void;

/** Told of what an input holds that no format of ours can: its kind in the plural, and where it stands. */
export type OnLeftOut = (kind: string, place: string) => void;

/** Of a place deeper inside of folders than anybody writes, its end; each folder has a place of its own. */
export function shownPlace(path: string): string {
  return path.length <= LONGEST_PLACE ? path : `…${path.slice(-LONGEST_PLACE)}`;
}

const LONGEST_PLACE = 240;

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

/** Tells of each fault once, however often what is at fault is read. */
export function toldOnce(onFault: OnFault): OnFault {
  const told = new Set<string>();
  return (fault) => {
    if (told.has(fault.message)) return;
    // What stops at a fault throws.
    onFault(fault);
    told.add(fault.message);
  };
}
