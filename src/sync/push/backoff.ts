/** Milliseconds between attempts. */
export type BackOffOptions = {
  /** After the first failure; it doubles with each that follows. */
  readonly firstMs: number;
  readonly longestMs: number;
};

/** Waits longer and longer, and never exactly as long as others who wait for the same. */
export type BackOff = {
  /** Waits; at once when `signal` is aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** Begins anew: it has worked. */
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
