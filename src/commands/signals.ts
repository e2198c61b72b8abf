/** The signals that ask a command to stop, from its start to its end. */
export type StopSignals = {
  /** Resolves with the first one. */
  readonly first: Promise<NodeJS.Signals>;
  /** Aborted by the second one: whoever waits should not. */
  readonly hurry: AbortSignal;
  /** Gives the signals their usual meaning back. */
  dispose(): void;
};

// SIGHUP is a closed terminal.
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens for the signals that stop a command. */
export function watchStopSignals(): StopSignals {
  let resolve: (signal: NodeJS.Signals) => void = () => {};
  const first = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const hurry = new AbortController();
  let count = 0;
  const listener = (signal: NodeJS.Signals) => {
    count += 1;
    if (count === 1) resolve(signal);
    else hurry.abort();
  };
  for (const signal of stopping) process.on(signal, listener);
  return {
    first,
    hurry: hurry.signal,
    dispose() {
      for (const signal of stopping) process.off(signal, listener);
    },
  };
}
