import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the path of the program that a shell would start by this name; undefined if none is executable. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

/** Whether a path leads to a file that this account may execute. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // An inaccessible file cannot be started either, whatever the reason.
    return false;
  }
}
