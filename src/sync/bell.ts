/** Lets one loop wait until any of several things has happened. */
export type Bell = {
  ring(): void;
  /** Resolves with the next ring, at once when it rang since the last wait. */
  rung(): Promise<void>;
};

/** A bell for one listener; a ring that nobody waits for is remembered. */
export function createBell(): Bell {
  let rang = false;
  let waiting: (() => void) | undefined;
  return {
    ring() {
      rang = true;
      waiting?.();
    },
    async rung() {
      if (!rang) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      waiting = undefined;
      rang = false;
    },
  };
}
