/** Processor time in milliseconds, which other programs have no part in. */
export function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What is over so soon is not measured. */
const AT_ONCE_MS = 100;

/** Eight times as much may take so many times as long; a quadratic reading takes 64 times as long. */
const SLACK = 24;

/** How often is measured: what else is done meanwhile, like collecting garbage, only ever adds to a reading's cost. */
const TIMES = 3;

/**
 * Tells whether reading takes longer than its input grows. The first length at which it takes any time is looked at.
 *
 * @param lengths from small to large, so that what grows fast is found early
 */
export function growsTooFast(read: (length: number) => void, lengths: readonly number[]): boolean {
  const costAt = (length: number) => cost(() => read(length));
  for (const length of lengths) {
    if (costAt(length) < AT_ONCE_MS) continue;
    // Once more, now that everything is compiled.
    const whole = costAt(length);
    if (whole < AT_ONCE_MS) continue;
    const part = least(() => costAt(Math.ceil(length / 8)));
    return whole > part * SLACK && times(() => costAt(length)).every((one) => one > part * SLACK);
  }
  return false;
}

/** The least of some measurements. */
export function least(measure: () => number): number {
  return Math.min(...times(measure));
}

function times(measure: () => number): number[] {
  return Array.from({ length: TIMES }, measure);
}
