import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, readdir, readlink, realpath, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode, UserError, usageError } from '../errors.ts';
import { isRunning } from '../running-process.ts';

/**
 * Checks that files can be written to a folder, by writing one.
 *
 * @param shown the output as typed
 * @throws UserError (exit code 2)
 */
export async function assertWritable(folder: string, shown: string): Promise<void> {
  const found = await statIfThere(folder);
  if (found === undefined) {
    throw usageError(
      `Cannot write ${shown}: the folder ${folder} does not exist.`,
      `Try: mkdir -p ${folder}`,
    );
  }
  if (!found.isDirectory()) throw usageError(`Cannot write ${shown}: ${folder} is not a folder.`);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    // Permissions do not reveal a read-only or full file system; writing a file does.
    const probe = temporaryName(join(folder, 'probe'));
    await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
    await unlink(probe);
  } catch (cause) {
    throw new UserError(`Cannot write ${shown}: ${(cause as Error).message}`, {
      cause,
      exitCode: 2,
    });
  }
}

/** Resolves a path, even through a dangling link, so that each file has one name. */
export async function followLink(path: string): Promise<string> {
  const folder = dirname(path);
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return path;
    const target = await readlink(path).catch(() => undefined);
    if (target !== undefined) return followLink(resolve(folder, target));
    return join(await realpath(folder).catch(() => folder), basename(path));
  }
}

/**
 * Returns the file status of a path; undefined if nothing exists there.
 *
 * @throws UserError (exit code 2) if the status cannot be read
 */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(cause) ?? '')) return undefined;
    throw new UserError(`Cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      exitCode: 2,
    });
  }
}

/** Returns an unused path: this one, or one with a number before its ending. */
export async function freePath(path: string): Promise<string> {
  const [stem = '', ending = ''] = splitEnding(path);
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? path : `${stem}-${n}${ending}`;
    if ((await statIfThere(candidate)) === undefined) return candidate;
  }
}

function splitEnding(path: string): [stem: string, ending: string] {
  const name = basename(path);
  const dot = name.indexOf('.', 1);
  const cut = dot === -1 ? path.length : path.length - name.length + dot;
  return [path.slice(0, cut), path.slice(cut)];
}

/** A hidden name beside a path, for a draft that is moved there when complete. */
export function temporaryName(path: string): string {
  const unique = `${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

/** Removes the drafts of processes that were killed while writing to a path; they may be gigabytes. */
export async function removeLeftDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const [, pid] =
      (name.startsWith(start) && /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length))) || [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
