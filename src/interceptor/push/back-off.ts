const firstMs = 500;
/** Less than the 30 s after which Chromium ends an idle service worker. */
const longestMs = 15_000;

/** The delay before the next attempt, in milliseconds, after so many failures in a row (from 1). */
export function backOffMs(failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
