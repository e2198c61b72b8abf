/** Memory of a process, sampled while it works. */
import { median } from '../statistics.js';

/** @typedef {{seconds: number, mb: number}} Sample resident memory, and when it was read */

/**
 * How memory moved after a warm-up. Single readings jump with the garbage collector, so the medians of the first and the
 * last part are compared.
 * @param {readonly Sample[]} samples
 * @param {number} warmupSeconds
 * @param {number} partSeconds
 * @returns {{first: number, last: number, growth: number, perHour: number, peak: number}} MB; `perHour` is the slope of a
 *   straight line through all samples after the warm-up
 */
export function growthOf(samples, warmupSeconds, partSeconds) {
  const after = samples.filter(({ seconds }) => seconds >= warmupSeconds);
  const end = after.at(-1)?.seconds ?? 0;
  const part = (from) => {
    const within = ({ seconds }) => seconds >= from && seconds <= from + partSeconds;
    return median(after.filter(within).map(({ mb }) => mb));
  };
  const [first, last] = [part(warmupSeconds), part(end - partSeconds)];
  const peak = Math.max(...samples.map(({ mb }) => mb));
  return { first, last, growth: last - first, perHour: slope(after) * 3600, peak };
}

/** Least squares. @param {readonly Sample[]} samples @returns {number} MB per second */
function slope(samples) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [time, memory] = [
    mean(samples.map(({ seconds }) => seconds)),
    mean(samples.map(({ mb }) => mb)),
  ];
  const moved = mean(samples.map(({ seconds, mb }) => (seconds - time) * (mb - memory)));
  return moved / mean(samples.map(({ seconds }) => (seconds - time) ** 2));
}
