import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeClientFiles } from '../launch/client-files.ts';
import type { CommandEnd, RunningCommand } from '../launch/command.ts';
import { childEnvironment } from '../launch/environment.ts';
import { watchTerminalInterrupts } from '../launch/terminal-interrupts.ts';
import { makeTemporaryFolder } from '../new-files.ts';
import type { ProxyCommandOptions } from '../options/proxy.ts';
import type { RunningProxy } from '../proxy/index.ts';
import type { Log } from '../terminal/log.ts';
import { isOnTerminal, type StopSignals } from './signals.ts';

type WrappedRun = {
  /** The command and its arguments. */
  readonly wrapped: readonly string[];
  readonly proxy: RunningProxy;
  readonly options: Pick<ProxyCommandOptions, 'grace'>;
  /** Our standard output carries data, so the command's goes to standard error. */
  readonly dataOnStdout?: boolean;
  readonly signals: StopSignals;
  /** Stops the command when it rejects. */
  readonly broken?: Promise<never>;
  readonly log: Log;
};

/**
 * Runs a command with the environment that sends its traffic through the proxy, and waits for its end. What stops pmproxy
 * stops the command.
 */
export async function runWrapped(run: WrappedRun): Promise<{ readonly command: CommandEnd }> {
  const folder = await makeTemporaryFolder(join(tmpdir(), 'pmproxy-'));
  try {
    const { proxy, options, log } = run;
    const files = await writeClientFiles(folder, proxy.authority.files.cert, process.env);
    const env = childEnvironment(process.env, { ...files, proxyUrl: proxy.url });
    const [command = '', ...args] = run.wrapped;
    // What starts a command loads a hundred files, which a browser would wait for.
    const { startCommand } = await import('../launch/command.ts');
    const child = startCommand(command, args, {
      env,
      graceMs: options.grace,
      stdoutToStderr: run.dataOnStdout ?? false,
    });
    const ended = await waitFor(child, run);
    if (ended.failure) log.error({ err: ended.failure }, ended.failure.message);
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
