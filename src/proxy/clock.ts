/** A timer that runs once. It does not keep the process running. */
type Timer = {
  /** Restarts the timer, even after it has fired. */
  restart(): void;
  stop(): void;
};

/** A source of timers. A clock that a test advances makes waiting unnecessary. */
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
