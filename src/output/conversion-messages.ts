import { UserError } from '../errors.ts';
import type { Loss } from '../exporters/index.ts';
import { type OnFault, shownPlace } from '../importers/index.ts';
import type { Log } from '../terminal/log.ts';

export type Faults = { readonly on: OnFault; sumUp(): void };

/** Stops at the first fault. */
export const stopAtFault: Faults = {
  on: ({ message, cause }) => {
    throw new UserError(message, {
      cause,
      hint: 'With --lenient, the rest is converted.',
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
      if (count <= shownFaults) log.warn({}, `skipped: ${message}`);
    },
    sumUp() {
      if (count > shownFaults) log.warn({}, `skipped ${count - shownFaults} more`);
    },
  };
}

/** Counts lost parts of collections. */
export type Losses = {
  add(format: string, loss: Loss): void;
  /** Prints one line for each kind of thing in each format. */
  sumUp(): void;
};

type Kind = { readonly format: string; readonly first: Loss; count: number };

/** Creates a counter of losses. */
export function countLosses(log: Log): Losses {
  const kinds = new Map<string, Kind>();
  return {
    add(format, loss) {
      const key = JSON.stringify([format, loss.kind, loss.kept]);
      const known = kinds.get(key) ?? { format, first: loss, count: 0 };
      known.count += 1;
      kinds.set(key, known);
    },
    sumUp() {
      for (const kind of kinds.values()) log.warn({}, lossLine(kind));
    },
  };
}

function lossLine({ format, first, count }: Kind): string {
  const { kind, kept, place } = first;
  const named = shownPlace(place.filter((name) => name !== '').join(' / '));
  const where = `${count.toLocaleString('en-US')}, first in ${named === '' ? 'the collection itself' : `"${named}"`}`;
  return kept
    ? `${format}: kept the existing ${kind} where the added collection differs: ${where}`
    : `${format} cannot represent ${kind}: ${where}`;
}
