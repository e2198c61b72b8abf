import { rm } from 'node:fs/promises';
import { writeClientFiles } from '../launch/client-files.ts';
import type { CommandEnd, RunningCommand } from '../launch/command.ts';
import { childEnvironment } from '../launch/environment.ts';
import { makeLaunchFolder, removeAbandonedFolders } from '../launch/folder.ts';
import type { Isolation } from '../launch/isolate/isolation.ts';
import { type LeftProcess, processesUsing } from '../launch/left-processes.ts';
import { watchTerminalInterrupts } from '../launch/terminal-interrupts.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';
import { clientUrl } from './proxy-options.ts';
import { isOnTerminal, type StopSignals } from './signals.ts';

type WrappedRun = {
  /** The command and its arguments. */
  readonly wrapped: readonly string[];
  readonly proxy: RunningProxy;
  /** The network that it is to run in; this machine's unless told. */
  readonly isolation?: Isolation | undefined;
  /** Ports of this machine on which the proxy answers in the place of servers that need not be there. */
  readonly answeredPorts?: readonly string[];
  readonly options: Pick<ProxyCommandOptions, 'grace' | 'linger' | 'proxyAuth'>;
  /** Our standard output carries data, so the command's goes to standard error. */
  readonly dataOnStdout?: boolean;
  readonly signals: StopSignals;
  /** Stops the command when it rejects. */
  readonly broken?: Promise<never>;
  readonly log: Log;
};

/**
 * Runs a command with the environment that sends its traffic through the proxy, waits for its end, and reports the processes
 * that it leaves behind. What stops pmproxy stops the command.
 */
export async function runWrapped(run: WrappedRun): Promise<{ readonly command: CommandEnd }> {
  await removeAbandonedFolders();
  const folder = await makeLaunchFolder();
  try {
    const { proxy, isolation, options, log, answeredPorts = [] } = run;
    const files = await writeClientFiles(folder, proxy.authority.files.cert, process.env);
    const usual = {
      ...childEnvironment(process.env, { ...files, proxyUrl: clientUrl(proxy.url, options) }),
      PMPROXY_ANSWERED_PORTS: answeredPorts.join(','),
    };
    const env = isolation?.environment(usual) ?? usual;
    await isolation?.begin(proxy.tunnel);
    const [command = '', ...args] = isolation?.enter(run.wrapped, env) ?? run.wrapped;
    // What starts a command loads a hundred files, which a browser would wait for.
    const { startCommand } = await import('../launch/command.ts');
    const child = startCommand(command, args, {
      env,
      graceMs: options.grace,
      stdoutToStderr: run.dataOnStdout ?? false,
    });
    // While the command starts.
    proxy.warmUp();
    const ended = await waitFor(child, run);
    if (ended.failure) log.error({ err: ended.failure }, ended.failure.message);
    await seeToLeftProcesses(folder, run);
    return { command: ended };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function waitFor(
  child: RunningCommand,
  { signals, broken }: Pick<WrappedRun, 'signals' | 'broken'>,
): Promise<CommandEnd> {
  // An interrupt that the terminal has sent to the command itself is for the command to handle.
  const terminal = isOnTerminal() ? watchTerminalInterrupts() : undefined;
  const release = terminal && signals.leaveInterruptsTo(() => terminal.wentToAll());
  // Without its proxy a command is of no use.
  const stops = [signals.first, ...(broken ? [broken.catch(() => 'SIGTERM' as const)] : [])];
  try {
    const ended = await Promise.race([child.finished, ...stops]);
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
  { options, signals, log, broken }: WrappedRun,
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
  const stops = [signals.first, ...(broken ? [broken.catch(() => 'broken')] : [])];
  const stopped = Promise.race(stops).then(() => true);
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
