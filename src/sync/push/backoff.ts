/** Milliseconds between attempts. */
export type BackOffOptions = {
  /** The delay after the first failure. It doubles with each further failure. */
  readonly firstMs: number;
  readonly longestMs: number;
};

/** Waits between attempts, longer each time, with jitter so that several proxies do not retry at once. */
export type BackOff = {
  /** Waits, or returns at once when `signal` is aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** Starts over with the first delay, after a success. */
  reset(): void;
};

/** Exponential back-off with jitter: between half and all of the delay. */
export function createBackOff({ firstMs, longestMs }: BackOffOptions): BackOff {
  let failures = 0;
  return {
    async wait(signal) {
      const delay = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
      failures += 1;
      await pause(delay * (0.5 + Math.random() / 2), signal);
    },
    reset() {
      failures = 0;
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
