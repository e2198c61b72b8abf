import { isatty } from 'node:tty';

/** The signals that ask a command to stop, from its start to the end of the process. */
export type StopSignals = {
  /** Resolves with the first one. */
  readonly first: Promise<NodeJS.Signals>;
  /** The first one has come, or a command had a SIGINT from the terminal. */
  readonly isStopping: boolean;
  /** Aborted by the second one: whoever waits should not. */
  readonly hurry: AbortSignal;
  /**
   * Leaves those SIGINTs to a running command that it receives from the terminal itself: they are
   * neither a first nor a second one, however many there are, because the command may go on.
   *
   * @param isCommands whether the SIGINT that has just come went to the command, too
   * @returns ends this; the next SIGINT is a second one when the command had one
   */
  leaveInterruptsTo(isCommands: () => Promise<boolean>): () => void;
  /** Says that everything is done: nothing is left to stop but the process, whose exit code stands. */
  finish(): void;
};

// SIGHUP is a closed terminal.
const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npx passes a Ctrl+C on that the terminal has sent already; no person is this quick. */
const echoMs = 60;

/** Whether this process runs on a terminal, which sends signals to it. */
export function isOnTerminal(): boolean {
  return [0, 1, 2].some(isatty);
}

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
      // The system and the shell each tell of a closed terminal; that is nobody in a hurry.
      if (signal === 'SIGHUP' || isEchoing || (isInterruptEchoing && !isCommands)) return;
      leaveEchoedLine(signal);
      if (isDone) process.exit();
      hurry.abort();
      // Not at once, for this one comes twice, too.
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
      // What is still to be written waits for somebody who does not read. The exit code is set by then.
      if (hurry.signal.aborted) setImmediate(() => process.exit());
    },
  };
}

// What has come by then is heard before: a process that gets no processor for a while still sees an echo as one.
function afterEcho(then: () => void): void {
  setTimeout(() => setImmediate(then), echoMs).unref();
}

// A process that runs out of work takes itself apart, and the first thing to go is what listens for signals.
function exitAtOnce(): void {
  process.once('beforeExit', () => process.exit());
}

// A terminal has just written ^C where our next line would begin.
function leaveEchoedLine(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\n');
}

// At its end Node puts the terminal's settings back, and aborts when the terminal is gone; a signal
// comes before that.
function endBySignal(signal: NodeJS.Signals, release: () => void): void {
  process.once('exit', () => {
    release();
    process.kill(process.pid, signal);
  });
}
