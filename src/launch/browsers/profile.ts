import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { makePrivateFolder, makeTemporaryFolder, PRIVATE, writeNew } from '../../new-files.ts';
import { isAlive, isRunning, type ProcessMark, processMark } from '../../running-process.ts';

const PREFIX = 'pmproxy-browser-';
const MARK_FILE = 'pmproxy.json';
const stragglerMs = 50;
/** After this, a folder without a mark was left by a lingering process and is not just being created. */
const unmarkedMs = 60_000;

/** A new profile and the folder around it, which holds our mark. */
export type Profile = {
  /** Absolute, empty. */
  readonly folder: string;
  /** The folder to remove in the end. */
  readonly around: string;
};

/**
 * Returns where to create a browser's profiles: the system's folder for temporary files. A snap has its own `/tmp`, so
 * its folder in the user's home is used, which both can access.
 *
 * @param program the browser's; `/usr/bin/firefox` may be a script that starts the snap, so the name is compared
 */
export function profileRoot(
  program: string,
  exists: (path: string) => boolean = existsSync,
): string {
  const name = basename(program).replace(/-browser$/, '');
  return exists(`/snap/bin/${name}`) ? join(homedir(), 'snap', name, 'common') : tmpdir();
}

/**
 * Creates a profile that only this account can access.
 *
 * @throws errors of the file system
 */
export async function makeProfile(root: string): Promise<Profile> {
  await makePrivateFolder(root);
  const around = await makeTemporaryFolder(join(root, PREFIX));
  await writeNew(join(around, MARK_FILE), JSON.stringify(processMark()), PRIVATE);
  const folder = join(around, 'profile');
  await makePrivateFolder(folder);
  return { folder, around };
}

/**
 * Removes a profile. Processes of a browser may still write into it for a moment after the browser has ended.
 *
 * @returns whether it is gone; what is left is removed by the next start
 */
export async function removeProfile({ around }: Pick<Profile, 'around'>): Promise<boolean> {
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await rm(around, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
      // A lingering process recreates missing folders.
      await sleep(stragglerMs);
      if (!existsSync(around)) return true;
    }
  } catch {
    // Windows reports that it is still in use.
  }
  return false;
}

/** Returns the process that uses a profile, from the browser's lock; undefined if there is none, and on Windows. */
export async function profileUser(profile: string): Promise<number | undefined> {
  // Chromium's is `host-pid`, Firefox's `address:+pid`.
  for (const lock of ['SingletonLock', 'lock']) {
    const target = await readlink(join(profile, lock)).catch(() => '');
    const pid = Number(/[-+](\d+)$/.exec(target)?.[1]);
    if (isRunning(pid)) return pid;
  }
  return undefined;
}

/** Whether a browser has opened a window with a profile; before that, it only reads the profile. */
export function wasUsed(profile: string): boolean {
  // Chromium's folder for pages, and the preferences written by Firefox.
  return ['Default', 'prefs.js'].some((name) => existsSync(join(profile, name)));
}

const Mark = z.object({ pid: z.number(), processStart: z.string().optional() });

/** Removes this account's profiles that neither pmproxy nor a browser still uses. Never rejects. */
export async function removeAbandonedProfiles(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const ours = names.filter((name) => name.startsWith(PREFIX)).map((name) => join(root, name));
  for (const around of ours) {
    if (await isAbandoned(around)) await removeProfile({ around });
  }
}

// An unreadable folder is not ours: other accounts use the system's folder for temporary files, too.
async function isAbandoned(around: string): Promise<boolean> {
  try {
    const found = await lstat(around);
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false;
    const isMarked = existsSync(join(around, MARK_FILE));
    if (!isMarked && Date.now() - found.mtimeMs < unmarkedMs) return false;
    if (isMarked && isAlive(await markIn(around))) return false;
    return (await profileUser(join(around, 'profile'))) === undefined;
  } catch {
    return false;
  }
}

async function markIn(around: string): Promise<ProcessMark> {
  const text = await readFile(join(around, MARK_FILE), 'utf8');
  const { pid, processStart } = Mark.parse(JSON.parse(text));
  return { pid, ...(processStart !== undefined && { processStart }) };
}
