import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../new-files.ts';
import { isRunning } from '../running-process.ts';

// The name identifies the owner.
const LAUNCH_FOLDER = /^pmproxy-(\d+)-\w+$/;

/** Makes a folder for the files that a command needs, in the system's folder for temporary files. */
export function makeLaunchFolder(): Promise<string> {
  return makeTemporaryFolder(join(tmpdir(), `pmproxy-${process.pid}-`));
}

/** Removes the folders left by killed processes of this account. */
export async function removeAbandonedFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const [, pid] = LAUNCH_FOLDER.exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(tmpdir(), name);
    // Another pmproxy may be removing it, too.
    const found = await stat(path).catch(() => undefined);
    if (found?.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
