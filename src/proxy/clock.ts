/** A timer that runs once. It does not keep the process running. */
type Timer = {
  /** Starts the time anew, also after it has run out. */
  restart(): void;
  stop(): void;
};

/** Where timers come from: a clock that a test advances makes waiting unnecessary. */
export type Clock = {
  startTimer(callback: () => void, delayMs: number): Timer;
};

/** Real time. */
export const systemClock: Clock = {
  startTimer(callback, delayMs) {
    const timeout = setTimeout(callback, delayMs).unref();
    return { restart: () => void timeout.refresh(), stop: () => clearTimeout(timeout) };
  },
};
