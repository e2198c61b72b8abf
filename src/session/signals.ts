import { isatty } from 'node:tty';

/** The signals that ask a command to stop, from its start to the end of the process. */
export type StopSignals = {
  /** Resolves with the first one. */
  readonly first: Promise<NodeJS.Signals>;
  /** Whether a first signal has come, or the wrapped command had a SIGINT from the terminal. */
  readonly isStopping: boolean;
  /** Aborted by the second one: nothing should be waited for any longer. */
  readonly hurry: AbortSignal;
  /**
   * Ignores the SIGINTs that the terminal also sends to a wrapped command. They count neither as a first nor as a second
   * signal, because the command may handle them and go on.
   *
   * @param isCommands whether the SIGINT that has just arrived also went to the command
   * @returns a function that ends this. The next SIGINT then counts as a second one if the command had one
   */
  leaveInterruptsTo(isCommands: () => Promise<boolean>): () => void;
  /** Says that all work is done. Only the process is left to stop, and its exit code is known. */
  finish(): void;
};

// SIGHUP is sent when the terminal is closed.
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npx forwards a Ctrl+C that the terminal has already sent. No person presses it twice within this time. */
const echoMs = 60;

/** Whether this process runs on a terminal, which sends signals to it. */
export function isOnTerminal(): boolean {
  return [0, 1, 2].some(isatty);
}

/**
 * Listens for the signals that stop a command. The second one aborts `hurry`. After it, signals have their default effect,
 * so a third one ends the process.
 */
export function watchStopSignals(): StopSignals {
  let resolve: (signal: NodeJS.Signals) => void = () => {};
  const first = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const hurry = new AbortController();
  const onTerminal = isOnTerminal();
  let isCommands: (() => Promise<boolean>) | undefined;
  let isStopping = false;
  let wasInterrupted = false;
  let isEchoing = false;
  let isInterruptEchoing = false;
  let isDone = false;
  const listener = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !isCommands) {
      stop(signal);
      return;
    }
    wasInterrupted = true;
    isInterruptEchoing = true;
    afterEcho(() => {
      isInterruptEchoing = false;
    });
    void isCommands().then((itIs) => {
      if (!itIs) stop(signal);
    });
  };
  const stop = (signal: NodeJS.Signals) => {
    if (isDone || isStopping || (wasInterrupted && !isCommands)) {
      // The system and the shell each send a SIGHUP for a closed terminal. The second is not a sign of hurry.
      if (signal === 'SIGHUP' || isEchoing || (isInterruptEchoing && !isCommands)) return;
      leaveEchoedLine(signal);
      if (isDone) process.exit();
      hurry.abort();
      // Not at once, because this signal may be sent twice as well.
      afterEcho(release);
      return;
    }
    leaveEchoedLine(signal);
    isStopping = true;
    isEchoing = true;
    afterEcho(() => {
      isEchoing = false;
    });
    if (signal === 'SIGHUP' && onTerminal) endBySignal(signal, release);
    resolve(signal);
  };
  const release = () => {
    for (const signal of stopping) process.off(signal, listener);
  };
  for (const signal of stopping) process.on(signal, listener);
  exitAtOnce();
  return {
    first,
    hurry: hurry.signal,
    get isStopping() {
      return isStopping || wasInterrupted;
    },
    leaveInterruptsTo(command) {
      isCommands = command;
      return () => {
        isCommands = undefined;
      };
    },
    finish() {
      isDone = true;
      // Output may still wait for a reader that does not read. The exit code is set by then.
      if (hurry.signal.aborted) setImmediate(() => process.exit());
    },
  };
}

// Signals that arrived meanwhile are handled first, so a process that was not scheduled for a while still recognises an
// echo.
function afterEcho(then: () => void): void {
  setTimeout(() => setImmediate(then), echoMs).unref();
}

// When Node runs out of work it shuts down, and its signal listeners are removed first.
function exitAtOnce(): void {
  process.once('beforeExit', () => process.exit());
}

// The terminal has just written ^C at the start of our next line.
function leaveEchoedLine(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n');
}

// On exit Node restores the terminal's settings, and aborts when the terminal is gone. A signal ends the process before
// that.
function endBySignal(signal: NodeJS.Signals, release: () => void): void {
  process.once('exit', () => {
    release();
    process.kill(process.pid, signal);
  });
}
