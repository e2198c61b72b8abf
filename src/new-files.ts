import { fchmod, fchmodSync } from 'node:fs';
import { chmod, type FileHandle, mkdir, mkdtemp, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What this account alone may read. */
export const PRIVATE = 0o600;
/** What everybody may read, such as certificates. */
export const PUBLIC = 0o644;
const PRIVATE_FOLDER = 0o700;

type FileMode = typeof PRIVATE | typeof PUBLIC;

/**
 * Opens a file with this mode. The umask has no say: it would take rights away that are needed to read the file again,
 * and what it leaves of a mode differs from account to account.
 *
 * @param flags as of `fs.open`, that make the file where there is none
 * @throws what the disk throws
 */
export async function openNew(path: string, flags: string, mode: FileMode): Promise<FileHandle> {
  const file = await open(path, flags, mode);
  // A device or a pipe is nobody's to change.
  if ((await file.stat()).isFile()) await unlessWithoutModes(file.chmod(mode));
  return file;
}

/**
 * Writes a file with this mode, whatever the umask.
 *
 * @param flags `wx` where there may be none yet
 * @throws what the disk throws
 */
export async function writeNew(
  path: string,
  content: string | Uint8Array,
  mode: FileMode,
  flags: 'w' | 'wx' = 'w',
): Promise<void> {
  const file = await openNew(path, flags, mode);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder that only this account may enter (0700), and those above it that are missing. Folders that are there
 * stay as they are.
 *
 * @throws what the disk throws
 */
export async function makePrivateFolder(path: string): Promise<void> {
  const made = await isMade(path);
  if (made === 'no parent') {
    await makePrivateFolder(dirname(path));
    await isMade(path);
  }
}

async function isMade(path: string): Promise<'made' | 'there' | 'no parent'> {
  try {
    await mkdir(path, { mode: PRIVATE_FOLDER });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return 'no parent';
    // Of a folder on a disk that cannot be written, some systems say that instead of that it is there.
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() !== true) throw error;
    return 'there';
  }
  await unlessWithoutModes(chmod(path, PRIVATE_FOLDER));
  return 'made';
}

/** Makes a new folder whose name begins like this, which only this account may enter (0700). */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  const path = await mkdtemp(prefix);
  await unlessWithoutModes(chmod(path, PRIVATE_FOLDER));
  return path;
}

/** Gives an open file its mode, whatever the umask has made of it. */
export function setModeSync(file: number, mode: FileMode): void {
  try {
    fchmodSync(file, mode);
  } catch (error) {
    if (!isWithoutModes(error)) throw error;
  }
}

/** The same for whoever uses callbacks. */
export function setMode(file: number, mode: number, done: (error: Error | null) => void): void {
  fchmod(file, mode, (error) => done(isWithoutModes(error) ? null : error));
}

/** File systems without modes say so in several ways; nothing is lost there. */
const WITHOUT_MODES = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

function isWithoutModes(error: unknown): boolean {
  return WITHOUT_MODES.has((error as NodeJS.ErrnoException | null)?.code ?? '');
}

async function unlessWithoutModes(changed: Promise<void>): Promise<void> {
  await changed.catch((error: unknown) => {
    if (!isWithoutModes(error)) throw error;
  });
}
