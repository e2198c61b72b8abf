import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { execa, type Result } from 'execa';
import { UserError } from '../errors.ts';

/** A command that runs beside the proxy, on this terminal. */
export type RunningCommand = {
  /** Never rejects. */
  readonly finished: Promise<CommandEnd>;
  /** Passes a signal on and gives the command `graceMs` to end; then it is killed. */
  stop(signal: NodeJS.Signals): void;
};

export type CommandEnd = {
  /** The command's own; 128+n for signal n; 126 or 127 when it could not be started. */
  readonly exitCode: number;
  /** Why it could not be started. */
  readonly failure?: UserError;
};

export type CommandOptions = {
  /** The whole environment; nothing is inherited besides. */
  readonly env: Readonly<Record<string, string>>;
  readonly graceMs: number;
  /** Its standard output goes to our standard error: ours carries data. */
  readonly stdoutToStderr?: boolean;
};

/** Starts a command without a shell, on our own standard input, output and error. */
export function startCommand(
  command: string,
  args: readonly string[],
  { env, graceMs, stdoutToStderr = false }: CommandOptions,
): RunningCommand {
  const child = execa(command, args, {
    env,
    extendEnv: false,
    stdio: ['inherit', stdoutToStderr ? 2 : 'inherit', 'inherit'],
    reject: false,
    // The grace is ours to time: it counts for every signal, not for SIGTERM alone.
    forceKillAfterDelay: false,
  });
  let killer: NodeJS.Timeout | undefined;
  let over = false;
  const finished = child.then((result) => {
    over = true;
    clearTimeout(killer);
    return endOf(command, result);
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

type Ending = Pick<Result, 'exitCode' | 'signal' | 'code' | 'cause'>;

function endOf(command: string, { exitCode, signal, code, cause }: Ending): CommandEnd {
  if (exitCode !== undefined) return { exitCode };
  if (signal !== undefined) return { exitCode: 128 + constants.signals[signal] };
  return notStarted(command, code, cause);
}

// 126 and 127 are a shell's: found but not executable, and not found (POSIX, 2.8.2 Exit Status).
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
