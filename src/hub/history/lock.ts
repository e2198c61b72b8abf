import { createHash, randomBytes } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../../errors.ts';
import { PRIVATE, writeNew } from '../../new-files.ts';
import { isAlive, type ProcessMark, processMark } from '../../running-process.ts';

const lockName = 'client.lock';

/** Whether the lock of the history in this folder belongs to a living or a dead process, or there is no lock. */
export async function holderOf(folder: string): Promise<'living' | 'dead' | 'none'> {
  const lock = await readLock(join(folder, lockName));
  if (lock === undefined) return 'none';
  return isHeld(lock) ? 'living' : 'dead';
}

/**
 * Locks a history's folder for this process, and takes over the lock of a dead one. Of several processes that try at once,
 * one succeeds.
 *
 * @returns a function that removes the lock
 * @throws UserError when another living process has the lock, or an error of the file system
 */
export async function lockHistory(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockName);
  const own = processMark();
  // The lock is linked or renamed into place, so that no process can read an incomplete one.
  const draft = `${path}-${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeNew(draft, `${JSON.stringify(own)}\n`, PRIVATE, 'wx');
  try {
    while (!(await isPut(draft, path))) {
      const lock = await readLock(path);
      if (lock === undefined) continue;
      const owner = ownerIn(lock);
      if (owner !== undefined && isAlive(owner)) {
        throw new UserError(`Process ${owner.pid} is already using the history in ${folder}.`, {
          hint: 'Choose another folder with --history, or stop the other one first.',
        });
      }
      if (await hasReplaced(draft, path, lock)) break;
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(path, { force: true });
}

async function isPut(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!LINKLESS.has(errorCode(error) ?? '')) throw error;
    return isCopied(draft, path);
  }
}

/** Error codes of link(2) when hard links are not supported or not permitted. */
const LINKLESS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'ENOSYS', 'EMLINK']);

async function isCopied(draft: string, path: string): Promise<boolean> {
  try {
    await copyFile(draft, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Replaces the lock of a dead process. The process that does so first claims that very lock and then reads it again,
 * because another process may have replaced it meanwhile, and that lock must stay.
 */
async function hasReplaced(draft: string, path: string, dead: string): Promise<boolean> {
  const claim = `${path}-after-${createHash('sha256').update(dead).digest('hex').slice(0, 12)}`;
  if (!(await isPut(draft, claim))) {
    const other = await readLock(claim);
    if (other !== undefined && !isHeld(other)) await rm(claim, { force: true });
    return false;
  }
  try {
    if ((await readLock(path)) !== dead) return false;
    await rename(draft, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

function isHeld(lock: string): boolean {
  const owner = ownerIn(lock);
  return owner !== undefined && isAlive(owner);
}

// An incomplete lock belongs to no process.
function ownerIn(lock: string): ProcessMark | undefined {
  try {
    return JSON.parse(lock);
  } catch {
    return undefined;
  }
}
