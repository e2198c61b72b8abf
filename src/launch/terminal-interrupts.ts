import { spawn } from 'node:child_process';

/** Distinguishes a Ctrl+C, which a terminal sends to all foreground programs, from a SIGINT sent only to us. */
export type TerminalInterrupts = {
  /**
   * Whether the SIGINT just received also went to the others in our process group.
   * True if that cannot be determined.
   */
  wentToAll(): Promise<boolean>;
  /** Ends the watch. */
  stop(): void;
};

/** npx forwards a Ctrl+C that the terminal has already sent. */
const echoMs = 1000;

/**
 * Node does not report who sent a signal. A `cat` in our process group shows it: a SIGINT that the
 * terminal sends to the group kills it (POSIX, 11.1.9 Special Characters, INTR), and after a SIGINT
 * sent only to us it still copies its input. A signal is delivered before the next instruction of a
 * program, so `cat` cannot copy anything once the signal was sent.
 */
export function watchTerminalInterrupts(): TerminalInterrupts {
  let isOver = false;
  let lastDeath = Number.NEGATIVE_INFINITY;
  let witness = start();

  function start() {
    const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
    for (const part of [cat, cat.stdin, cat.stdout]) part.on('error', () => {});
    const died = new Promise<void>((resolve) => {
      cat.once('error', () => resolve());
      cat.once('exit', (_, signal) => {
        resolve();
        lastDeath = performance.now();
        // Any other cause would also end another `cat`.
        if (signal === 'SIGINT' && !isOver) witness = start();
      });
    });
    cat.unref();
    return { cat, died };
  }

  return {
    async wentToAll() {
      const { cat, died } = witness;
      if (performance.now() - lastDeath < echoMs) return true;
      const copied = new Promise<boolean>((resolve) => {
        cat.stdout.once('data', () => resolve(false));
      });
      cat.stdin.write('\n');
      return Promise.race([copied, died.then(() => true)]);
    },
    stop() {
      isOver = true;
      witness.cat.kill('SIGKILL');
    },
  };
}
