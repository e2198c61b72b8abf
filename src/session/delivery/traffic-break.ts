import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';

/**
 * How long a rest takes. A client on this machine needs as much of the processors as this thread, and has the priority of
 * the proxy.
 */
const restMs = 100;
/** The processors are busy when this thread waits for this share of the time that it runs. */
const busyShare = 0.25;

/** Lets traffic go first where it needs all processors. */
export type TrafficBreak = {
  /** Something was recorded. */
  passed(): void;
  /** Waits for a while if the processors are busy, and something was recorded since the last call. */
  rest(): Promise<void>;
};

/**
 * Makes a break. Only Linux counts how long a thread waits for a processor, so there are no rests elsewhere.
 *
 * @param readTimes returns how long this thread has run, and how long it was ready to run but did not
 */
export function createTrafficBreak(
  readTimes = processorTimes,
  wait: (ms: number) => Promise<unknown> = delay,
): TrafficBreak {
  let last = readTimes();
  let [ran, waited] = [0, 0];
  let hasPassed = false;
  return {
    passed() {
      hasPassed = true;
    },
    async rest() {
      const now = readTimes();
      // After a rest, a thread need not wait, however busy the processors are. So earlier times count too.
      ran = ran / 2 + now[0] - last[0];
      waited = waited / 2 + now[1] - last[1];
      last = now;
      const isDue = hasPassed && waited > busyShare * ran;
      hasPassed = false;
      // Without a rest, the event loop goes on all the same: it may have to tell that something was recorded.
      await (isDue ? wait(restMs) : setImmediate());
    },
  };
}

/** In nanoseconds; see Documentation/scheduler/sched-stats.rst of Linux. */
function processorTimes(): readonly [ran: number, waited: number] {
  try {
    const [ran = 0, waited = 0] = readFileSync('/proc/thread-self/schedstat', 'latin1')
      .split(' ')
      .map(Number);
    return [ran, waited];
  } catch {
    return [0, 0];
  }
}
