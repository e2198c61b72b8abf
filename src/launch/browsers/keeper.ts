import { spawn } from 'node:child_process';

/** Closes a browser when this process dies without having closed it, as after `kill -9`. */
export type Keeper = {
  /** Ends the watch: the browser has ended. */
  release(): void;
};

// A line means that all is well, an end without one that we are gone.
const SCRIPT = `
read -r line && exit
kill -s TERM "$1"
for second in 1 2 3 4 5; do
  kill -s 0 "$1" || break
  sleep 1
done
kill -s KILL -- "-$1"
rm -rf -- "$2"
`;

/**
 * Leaves a shell behind that reads from us: its input ends when we do, whatever ended us. On Windows there is none; a
 * browser then stays open, without its proxy.
 *
 * @param pid of the browser, which leads a process group
 * @param folder removed as well
 */
export function keepBrowser(pid: number, folder: string): Keeper {
  if (process.platform === 'win32') return { release() {} };
  // Of a session of its own, which neither a Ctrl+C nor a terminal that closes ends.
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'pmproxy', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  for (const part of [shell, shell.stdin]) part.on('error', () => {});
  shell.unref();
  return {
    release() {
      shell.stdin.end('\n');
    },
  };
}
