import { UserError } from '../errors.ts';
import type { OnFault } from '../importers/index.ts';
import type { Log } from '../terminal/log.ts';

export type Faults = { readonly on: OnFault; sumUp(): void };

/** Stops at the first fault. */
export const stopAtFault: Faults = {
  on: ({ message, cause }) => {
    throw new UserError(message, {
      cause,
      hint: 'With --lenient, the rest is converted all the same.',
    });
  },
  sumUp: () => {},
};

/** Further faults are only counted. */
const shownFaults = 10;

/** Logs faults and continues. */
export function countFaults(log: Log): Faults {
  let count = 0;
  return {
    on({ message }) {
      count += 1;
      if (count <= shownFaults) log.warn({}, `passed over: ${message}`);
    },
    sumUp() {
      if (count > shownFaults) log.warn({}, `passed over ${count - shownFaults} more`);
    },
  };
}

/** Collects what formats cannot express. */
export type Losses = {
  add(format: string, kind: string, place: readonly string[]): void;
  /** One line for each kind of thing in each format. */
  sumUp(): void;
};

/** Creates an empty collection of losses. */
export function countLosses(log: Log): Losses {
  const kinds = new Map<
    string,
    { readonly format: string; readonly kind: string; readonly first: string; count: number }
  >();
  return {
    add(format, kind, place) {
      const key = `${format} ${kind}`;
      const first = place.filter((name) => name !== '').join(' / ');
      const known = kinds.get(key) ?? { format, kind, first, count: 0 };
      known.count += 1;
      kinds.set(key, known);
    },
    sumUp() {
      for (const { format, kind, first, count } of kinds.values()) {
        const where = first === '' ? 'of the collection' : `first in "${first}"`;
        log.warn(
          {},
          `${format} has no place for ${kind}: ${count.toLocaleString('en-US')}, ${where}`,
        );
      }
    },
  };
}
