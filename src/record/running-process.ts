import { readFileSync } from 'node:fs';
import { errorCode } from '../errors.ts';

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

/** Whether the process that left a mark is still running. */
export function isAlive({ pid, processStart }: ProcessMark): boolean {
  if (!isRunning(pid)) return false;
  const start = startOf(pid);
  return start === undefined || processStart === undefined || start === processStart;
}

/** Whether there is a process with this id, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** When a process started, in the system's own terms; undefined where it does not tell or is gone. */
function startOf(pid: number): string | undefined {
  try {
    // proc(5): field 22, counted behind the command's name, which may hold anything in parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
