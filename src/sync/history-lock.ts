import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../errors.ts';
import { isRunning, startOf } from '../record/journal.ts';

const lockName = 'client.lock';

/** Tells a process from a later one with the same id, where the system says when it started. */
type Owner = { readonly pid: number; readonly processStart?: string | undefined };

/** Whether a living process uses the history in this folder. */
export async function isHistoryInUse(folder: string): Promise<boolean> {
  const owner = await ownerOf(join(folder, lockName));
  return owner !== undefined && isAlive(owner);
}

/**
 * Takes a history's folder for this process; the lock of a dead one is taken over.
 *
 * @returns gives the folder back
 * @throws UserError when another living process has it, and what the disk throws
 */
export async function lockHistory(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockName);
  const own: Owner = { pid: process.pid, processStart: startOf(process.pid) };
  for (;;) {
    try {
      await writeFile(path, `${JSON.stringify(own)}\n`, { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const owner = await ownerOf(path);
    if (owner !== undefined && isAlive(owner)) {
      throw new UserError(`Process ${owner.pid} is already using the history in ${folder}.`, {
        hint: 'Choose another folder with --history, or stop the other one first.',
      });
    }
    await rm(path, { force: true });
  }
}

// What was cut off while it was written is nobody's.
async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, processStart }: Owner): boolean {
  if (!isRunning(pid)) return false;
  const start = startOf(pid);
  return start === undefined || processStart === undefined || start === processStart;
}
