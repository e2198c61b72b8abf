/** What the workers of a recording have in common. */
export type WorkerClock = {
  /** When the recording began, by `process.hrtime`, which all processes of a machine share; in nanoseconds. */
  readonly beganAt: bigint;
  /** How many workers there are. With 64, a number has 15 digits, which readers accept, for half a year. */
  readonly workers: number;
};

/**
 * Numbers the exchanges of one of several workers, without asking the others: no two exchanges of a recording have the same
 * number, and the numbers are in the order in which the exchanges began, to the microsecond.
 *
 * @param worker from 1
 */
export function workerSeqs({ beganAt, workers }: WorkerClock, worker: number): () => number {
  let last = 0;
  return () => {
    const microseconds = Math.max(1, Number(process.hrtime.bigint() - beganAt) / 1000);
    const now = Math.floor(microseconds) * workers + worker;
    last = Math.max(now, last + workers);
    return last;
  };
}
