import { isatty } from 'node:tty';

/** The signals that ask a command to stop, from its start to its end. */
export type StopSignals = {
  /** Resolves with the first one. */
  readonly first: Promise<NodeJS.Signals>;
  /** The first one has come. */
  readonly isStopping: boolean;
  /** Aborted by the second one: whoever waits should not. */
  readonly hurry: AbortSignal;
  /** Gives the signals their usual meaning back. */
  dispose(): void;
};

// SIGHUP is a closed terminal.
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npx passes a Ctrl+C on that the terminal has sent already; no person is this quick. */
const echoMs = 60;

/**
 * Listens for the signals that stop a command. The second one hurries; after it they have their
 * usual meaning, so that a third one ends the process whatever it does.
 */
export function watchStopSignals(): StopSignals {
  let resolve: (signal: NodeJS.Signals) => void = () => {};
  const first = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const hurry = new AbortController();
  const onTerminal = [0, 1, 2].some(isatty);
  let stoppedAt: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (stoppedAt === undefined) {
      leaveEchoedLine(signal);
      stoppedAt = performance.now();
      if (signal === 'SIGHUP' && onTerminal) endBySignal(signal);
      resolve(signal);
      return;
    }
    // The system and the shell each tell of a closed terminal; that is nobody in a hurry.
    if (signal === 'SIGHUP' || performance.now() - stoppedAt < echoMs) return;
    leaveEchoedLine(signal);
    hurry.abort();
    // Not at once, for this one comes twice, too.
    setTimeout(dispose, echoMs).unref();
  };
  const dispose = () => {
    for (const signal of stopping) process.off(signal, listener);
  };
  for (const signal of stopping) process.on(signal, listener);
  return {
    first,
    hurry: hurry.signal,
    get isStopping() {
      return stoppedAt !== undefined;
    },
    dispose,
  };
}

// A terminal has just written ^C where our next line would begin.
function leaveEchoedLine(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n');
}

// At its end Node puts the terminal's settings back, and aborts when the terminal is gone; a signal
// comes before that.
function endBySignal(signal: NodeJS.Signals): void {
  process.once('exit', () => process.kill(process.pid, signal));
}
