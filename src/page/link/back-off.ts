const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * How long to wait before trying again, in milliseconds: twice as long each time up to 15 s, and by chance a part of
 * it, so that many pages do not come back at once.
 * @param failures how many tries have failed in a row, from 1.
 * @param chance from 0 to 1.
 */
export function backOffMs(failures: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(longest / 2 + (chance * longest) / 2);
}
