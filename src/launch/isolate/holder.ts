import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { Server } from 'node:net';
import { createInterface } from 'node:readline';
import { notPermitted } from './refusal.ts';

/** The process that created a namespace, and the inside sockets that it has handed out. */
export type Holder = {
  readonly pid: number;
  /** Where TCP connections arrive, by port. */
  readonly connections: ReadonlyMap<number, Server>;
  /** Where DNS queries arrive. */
  readonly questions: readonly DatagramSocket[];
  /**
   * Executes an `nft` command; resolves when it is complete.
   *
   * @throws UserError when it fails
   */
  nft(command: string): Promise<void>;
  /** Lets the process end. */
  release(): void;
};

/**
 * Starts a command line that runs {@link SET_UP_SCRIPT}, and waits until all is set up.
 *
 * @param path the folders of programs, as in PATH
 * @throws UserError (exit code 2) when the set-up fails
 */
export async function startHolder(
  [program = '', ...args]: readonly string[],
  path: string,
): Promise<Holder> {
  const child = spawn(program, args, {
    // In its own session, so that it does not receive a Ctrl+C.
    detached: true,
    env: { PATH: path, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessWithoutNullStreams;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // After its end, writes have no reader and no caller waits for them.
  child.stdin.on('error', () => {});
  const connections = new Map<number, Server>();
  const questions: DatagramSocket[] = [];
  const allReceived = new Promise<void>((resolve) => {
    child.on('message', (port, socket: unknown) => {
      if (socket instanceof Server) connections.set(port as number, socket);
      else if (socket instanceof DatagramSocket) questions.push(socket);
    });
    // Node inside has ended, and everything that it sent has arrived.
    child.once('disconnect', resolve);
  });
  const answers: (() => void)[] = [];
  const isSetUp = new Promise<void>((resolve) => answers.push(resolve));
  createInterface(child.stdout).on('line', () => answers.shift()?.());
  const failed = once(child, 'close').then(() => {
    throw notPermitted(said);
  });
  await Promise.race([Promise.all([isSetUp, allReceived]), failed]);
  failed.catch(() => {});
  letGo(child);
  return {
    pid: child.pid ?? 0,
    connections,
    questions,
    nft(command) {
      const done = new Promise<void>((resolve) => answers.push(resolve));
      child.stdin.write(`${command}\n`);
      return Promise.race([done, failed]);
    },
    release: () => child.stdin.end(),
  };
}

// It ends with our process, and does not keep our process running.
function letGo(child: ChildProcessWithoutNullStreams): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr])
    (stream as unknown as { unref(): void }).unref();
}
