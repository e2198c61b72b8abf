import { spawn } from 'node:child_process';

/** Tells a Ctrl+C, which a terminal sends to all of its foreground programs, from a SIGINT sent to us alone. */
export type TerminalInterrupts = {
  /**
   * Whether the SIGINT that has just been received went to the others in our process group, too.
   * True where that cannot be found out.
   */
  wentToAll(): Promise<boolean>;
  /** Ends the watch. */
  stop(): void;
};

/** npx passes a Ctrl+C on that the terminal has sent already. */
const echoMs = 1000;

/**
 * Node does not say who sent a signal. A `cat` in our process group does: it dies of a SIGINT that
 * the terminal sends to the group (POSIX, 11.1.9 Special Characters, INTR), and after one that was
 * sent to us alone it still copies what it is given. A signal is delivered before the next
 * instruction of a program, so it cannot do so once the signal was sent.
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
        // Whatever else ended it ends another one, too.
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
