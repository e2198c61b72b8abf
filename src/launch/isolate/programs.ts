import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { missingProgram } from './refusal.ts';

/** What a namespace is made with, and the packages of Debian that hold it. */
const REQUIRED = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
} as const;

/** Where programs for administrators are, which the PATH of other accounts need not name. */
const ADMINISTRATORS_FOLDERS = ['/usr/sbin', '/sbin'];

/** The folders of a PATH, and those of programs for administrators. */
export function programFolders(path: string): readonly string[] {
  return [...path.split(delimiter).filter((folder) => folder !== ''), ...ADMINISTRATORS_FOLDERS];
}

/**
 * The paths of the programs that a namespace is made with.
 *
 * @throws UserError (exit code 2) that names the first that is missing
 */
export function requiredPrograms(
  folders: readonly string[],
): Readonly<Record<keyof typeof REQUIRED, string>> {
  const found = Object.entries(REQUIRED).map(([name, debianPackage]) => {
    const path = findProgram(name, folders);
    if (path === undefined) throw missingProgram(name, debianPackage);
    return [name, path];
  });
  return Object.fromEntries(found);
}

/** The path of the program that a shell would start by this name; undefined where there is none that may be executed. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // What cannot be reached cannot be started either, whatever the reason.
    return false;
  }
}
