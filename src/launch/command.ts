import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import spawn from 'cross-spawn';
import { errorCode, UserError } from '../errors.ts';

/** A command that runs beside the proxy, on this terminal. */
export type RunningCommand = {
  /** Never rejects. */
  readonly finished: Promise<CommandEnd>;
  /** Forwards a signal and kills the command if it has not ended after `graceMs`. */
  stop(signal: NodeJS.Signals): void;
};

export type CommandEnd = {
  /** The command's exit code; 128+n for signal n; 126 or 127 if it could not be started. */
  readonly exitCode: number;
  /** Why it could not be started. */
  readonly failure?: UserError;
};

export type CommandOptions = {
  /** The whole environment; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly graceMs: number;
  /** Sends its standard output to our standard error, because our standard output carries data. */
  readonly stdoutToStderr?: boolean;
};

/** Starts a command without a shell, on our own standard input, output and error. */
export function startCommand(
  command: string,
  args: readonly string[],
  { env, graceMs, stdoutToStderr = false }: CommandOptions,
): RunningCommand {
  let child: ChildProcess;
  try {
    // Also finds npm.cmd and the like on Windows.
    child = spawn(command, [...args], {
      env,
      stdio: ['inherit', stdoutToStderr ? 2 : 'inherit', 'inherit'],
    });
  } catch (error) {
    // Arguments that the system rejects, such as too many.
    const failed = notStarted(command, errorCode(error), error);
    return { finished: Promise.resolve(failed), stop() {} };
  }
  let killer: NodeJS.Timeout | undefined;
  let over = false;
  const killWithUs = () => void child.kill();
  process.once('exit', killWithUs);
  const finished = endOf(command, child).finally(() => {
    over = true;
    clearTimeout(killer);
    process.off('exit', killWithUs);
  });
  return {
    finished,
    stop(signal) {
      if (over) return;
      child.kill(signal);
      killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
    },
  };
}

function endOf(command: string, child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(notStarted(command, errorCode(error), error)));
    child.once('exit', (code, signal) => {
      resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}

// As in a shell: 126 means found but not executable, 127 means not found (POSIX, 2.8.2 Exit Status).
function notStarted(command: string, code: string | undefined, cause: unknown): CommandEnd {
  if (code === 'ENOENT') {
    const hint = 'Check the spelling; shell built-ins and aliases need sh -c "…".';
    return {
      exitCode: 127,
      failure: new UserError(`Command not found: ${command}`, { hint, cause }),
    };
  }
  if (code === 'EACCES' && isFolder(command)) {
    const hint = `Name a program in it, such as: ${join(command, 'program')}`;
    const message = `Command cannot be executed: ${command} is a directory`;
    return { exitCode: 126, failure: new UserError(message, { hint, cause }) };
  }
  const message = `Command cannot be executed: ${command} (${code ?? 'unknown reason'})`;
  const hint = `Try: chmod +x ${command}`;
  const failure = new UserError(message, code === 'EACCES' ? { hint, cause } : { cause });
  return { exitCode: 126, failure };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
