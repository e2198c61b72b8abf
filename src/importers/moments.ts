/** The members of a HAR entry that give its start time. */
type Timed = { readonly startedDateTime?: unknown };

/** The start time of an entry, in milliseconds since the epoch; undefined if missing. */
export function momentOf(entry: unknown): number | undefined {
  const { startedDateTime: moment } = (entry ?? {}) as Timed;
  const read = typeof moment === 'string' ? Date.parse(moment) : moment;
  return typeof read === 'number' && Math.abs(read) <= LAST_MOMENT ? read : undefined;
}

/** ECMA-262, 21.4.1.1. */
const LAST_MOMENT = 8.64e15;

/**
 * The entry with its start time as text, even if it was a number or missing.
 *
 * @param beside returns the time for an entry without one
 */
export function withMoment(entry: unknown, beside: () => number): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { startedDateTime: told } = entry as Timed;
  if (typeof told === 'string' && told.trim() !== '') return entry;
  const moment = momentOf(entry) ?? beside();
  return { ...entry, startedDateTime: new Date(moment).toISOString() };
}

/**
 * Finds the time for an entry without one: that of the previous entry, else of the next one with a time, else the
 * epoch. Sorted by time, the entries of a file then keep their order.
 *
 * @param size the number of entries
 * @param momentAt reads the start time of the entry at an index
 */
export function momentsBeside(
  size: number,
  momentAt: (place: number) => number | undefined,
): (place: number) => number {
  const known = new Map<number, number | undefined>();
  let isAnyKnown = true;

  function find(place: number): number | undefined {
    if (!known.has(place)) known.set(place, momentAt(place));
    return known.get(place);
  }

  function search(place: number): number | undefined {
    for (let at = place - 1; at >= 0; at -= 1) {
      const moment = find(at);
      if (moment !== undefined) return moment;
    }
    for (let at = place + 1; at < size; at += 1) {
      const moment = find(at);
      if (moment !== undefined) return moment;
    }
    return undefined;
  }

  return (place) => {
    const moment = isAnyKnown ? search(place) : undefined;
    isAnyKnown &&= moment !== undefined;
    known.set(place, moment ?? 0);
    return moment ?? 0;
  };
}
