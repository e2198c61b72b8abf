import type { Clock } from '../../src/proxy/clock.ts';

/** A clock on which time passes only when a test says so. */
export type ManualClock = Clock & {
  /** How many timers run. */
  readonly running: number;
  /** Lets this time pass: timers run out in their order, those that are started meanwhile too. */
  advance(ms: number): void;
};

type Entry = { readonly callback: () => void; dueMs: number };

/** Makes a clock that stands still until it is advanced. */
export function manualClock(): ManualClock {
  let nowMs = 0;
  const entries = new Set<Entry>();
  const nextBy = (endMs: number) =>
    [...entries].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  return {
    startTimer(callback, delayMs) {
      const entry = { callback, dueMs: nowMs + delayMs };
      entries.add(entry);
      return {
        restart() {
          entry.dueMs = nowMs + delayMs;
          entries.add(entry);
        },
        stop: () => void entries.delete(entry),
      };
    },
    get running() {
      return entries.size;
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (let entry = nextBy(endMs); entry !== undefined; entry = nextBy(endMs)) {
        entries.delete(entry);
        nowMs = entry.dueMs;
        entry.callback();
      }
      nowMs = endMs;
    },
  };
}
