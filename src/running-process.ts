import { readFileSync } from 'node:fs';
import { errorCode } from './errors.ts';

/** What a process leaves where it is at work, so that others can tell whether it still is. */
export type ProcessMark = {
  readonly pid: number;
  /** Tells a process from a later one with the same id, where the system says when it started. */
  readonly processStart?: string;
};

/** The mark of this process. */
export function processMark(): ProcessMark {
  const processStart = startOf(process.pid);
  return { pid: process.pid, ...(processStart !== undefined && { processStart }) };
}

/** Whether the process that left a mark is still running: not a later one with its id, and not a zombie. */
export function isAlive({ pid, processStart }: ProcessMark): boolean {
  if (!isRunning(pid)) return false;
  const start = startOf(pid);
  return start === undefined || processStart === undefined || start === processStart;
}

/**
 * Whether a process with this id is running, whoever owns it. A process that has ended and that its parent has not waited
 * for (a zombie) is not: nobody waits for the orphans of a container without an init process.
 */
export function isRunning(pid: number): boolean {
  // For kill(2), 0 and negative numbers are groups of processes.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false;
  }
  return !ENDED.has(statOf(pid)?.[STATE] ?? '');
}

/** States of a process that has ended (proc(5), field 3): Z and X, and x of older kernels. */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

/** When a process started, in the system's own terms; undefined where the system does not say or the process is gone. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[START];
}

/** Fields 3 (state) and 22 (starttime), counted from the one behind the command's name. */
const [STATE, START] = [0, 19];

/** The fields of a process behind its command's name (proc(5)), which may hold anything in parentheses. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
