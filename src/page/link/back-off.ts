const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * The delay before the next attempt, in milliseconds: it doubles with each failure, up to 15 s, with jitter so that many
 * pages do not reconnect at once.
 * @param failures the number of failures in a row, from 1.
 * @param chance from 0 to 1.
 */
export function backOffMs(failures: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(longest / 2 + (chance * longest) / 2);
}
