import { rm } from 'node:fs/promises';
import { writeClientFiles } from '../launch/client-files.ts';
import { type CommandEnd, type RunningCommand, startCommand } from '../launch/command.ts';
import { childEnvironment } from '../launch/environment.ts';
import { makeLaunchFolder, removeAbandonedFolders } from '../launch/folder.ts';
import { type LeftProcess, processesUsing } from '../launch/left-processes.ts';
import { watchTerminalInterrupts } from '../launch/terminal-interrupts.ts';
import type { ProxyOptions } from '../options/proxy.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';
import { isOnTerminal, type StopSignals } from './signals.ts';

/** A command that runs through the proxy. */
export type WrappedCommand = {
  readonly options: Pick<ProxyOptions, 'grace' | 'linger'>;
  /** With its arguments. */
  readonly command: readonly string[];
  /** Our standard output carries data, so the command's goes to standard error. */
  readonly dataOnStdout?: boolean;
  readonly log: Log;
  readonly signals: StopSignals;
  /** Rejects when something broke that makes going on pointless. */
  readonly broken: Promise<never>;
};

/** Runs a command through the proxy to its end, and sees to the processes that it leaves behind. */
export async function runWrapped(
  run: WrappedCommand,
  proxy: RunningProxy,
): Promise<{ readonly command: CommandEnd }> {
  await removeAbandonedFolders();
  const folder = await makeLaunchFolder();
  try {
    const files = await writeClientFiles(folder, proxy.authority.files.cert, process.env);
    const env = childEnvironment(process.env, { ...files, proxyUrl: proxy.url });
    const [command = '', ...args] = run.command;
    const child = startCommand(command, args, {
      env,
      graceMs: run.options.grace,
      stdoutToStderr: run.dataOnStdout ?? false,
    });
    const ended = await waitFor(child, run);
    if (ended.failure) run.log.error({ err: ended.failure }, ended.failure.message);
    await seeToLeftProcesses(folder, run);
    return { command: ended };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function waitFor(
  child: RunningCommand,
  { signals, broken }: Pick<WrappedCommand, 'signals' | 'broken'>,
): Promise<CommandEnd> {
  // What the terminal has sent to the command itself is for the command to heed or not.
  const terminal = isOnTerminal() ? watchTerminalInterrupts() : undefined;
  const release = terminal && signals.leaveInterruptsTo(() => terminal.wentToAll());
  // Without its proxy a command is of no use.
  const stopped = broken.catch(() => 'SIGTERM' as const);
  try {
    const ended = await Promise.race([child.finished, signals.first, stopped]);
    if (typeof ended !== 'string') return ended;
    child.stop(ended);
    signals.hurry.addEventListener('abort', () => child.stop('SIGKILL'), { once: true });
    return await child.finished;
  } finally {
    release?.();
    terminal?.stop();
  }
}

/** A process that the command has started may be about to end, too. */
const lastWordsMs = 100;
const pollMs = 200;

// A process in the background loses its proxy with us, and every request it then makes fails.
async function seeToLeftProcesses(
  folder: string,
  { options, signals, log, broken }: WrappedCommand,
): Promise<void> {
  if (signals.isStopping || (await processesUsing(folder)).length === 0) return;
  await wait(lastWordsMs);
  let left = await processesUsing(folder);
  if (left.length === 0) return;
  const pids = left.map(({ pid }) => pid);
  if (!options.linger) {
    const message = `The command has ended. Still running, and without a proxy from now on: ${listed(left)}. To wait for it: --linger`;
    log.warn({ pids }, message);
    return;
  }
  log.info({ pids }, `The command has ended. Waiting for ${listed(left)}; Ctrl+C stops.`);
  const stopped = Promise.race([signals.first, broken.catch(() => 'broken')]).then(() => true);
  while (left.length > 0) {
    if (await Promise.race([stopped, wait(pollMs)])) return;
    left = await processesUsing(folder);
  }
}

function listed(left: readonly LeftProcess[]): string {
  return left.map(({ pid, name }) => `${name} (process ${pid})`).join(', ');
}

function wait(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms);
  });
}
