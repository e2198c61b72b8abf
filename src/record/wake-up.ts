/** Lets one loop wait until any of several things has happened. */
export type WakeUp = {
  wake(): void;
  /** Resolves with the next `wake`, and at once when it was called since the last wait. */
  woken(): Promise<void>;
};

/** Makes one for a single waiting loop. A call that nobody waits for is remembered. */
export function createWakeUp(): WakeUp {
  let isWoken = false;
  let waiting: (() => void) | undefined;
  return {
    wake() {
      isWoken = true;
      waiting?.();
    },
    async woken() {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      waiting = undefined;
      isWoken = false;
    },
  };
}
