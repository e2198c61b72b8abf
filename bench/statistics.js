/** Numbers out of numbers. */

/**
 * @param {readonly number[]} values
 * @returns {number} NaN when there are none
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2) return sorted[Math.floor(middle)];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The median of the ratios within each round, which a machine that is slow for a while disturbs less
 * than the ratio of two medians.
 * @param {readonly number[]} values by round
 * @param {readonly number[]} bases by round
 * @returns {number} NaN when no round has both
 */
export function pairedRatio(values, bases) {
  const rounds = Math.min(values.length, bases.length);
  return median(Array.from({ length: rounds }, (_, round) => values[round] / bases[round]));
}

/**
 * @param {readonly number[]} values
 * @param {number} share 0.99 for the value that 99 of 100 do not exceed
 * @returns {number} NaN when there are none
 */
export function percentile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
