import { spawn } from 'node:child_process';

/** Closes a browser if this process dies without closing it, as after `kill -9`. */
export type Keeper = {
  /** Ends the watch: the browser has ended. */
  release(): void;
};

// A line means that the browser was closed; end of input without a line means that our process died.
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
 * Starts a shell that reads from us: its input ends when our process ends, for whatever reason. Windows has no such
 * shell; the browser then stays open, without its proxy.
 *
 * @param pid of the browser, which leads a process group
 * @param folder also removed
 */
export function keepBrowser(pid: number, folder: string): Keeper {
  if (process.platform === 'win32') return { release() {} };
  // In its own session, so that neither a Ctrl+C nor closing the terminal ends it.
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
