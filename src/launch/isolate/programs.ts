import { delimiter } from 'node:path';
import { findProgram } from '../programs.ts';
import { missingProgram } from './refusal.ts';

/** The programs that create a namespace, and their Debian packages. */
const REQUIRED = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
} as const;

/** The folders of administrative programs, which may be missing from the PATH of other accounts. */
const ADMINISTRATORS_FOLDERS = ['/usr/sbin', '/sbin'];

/** The folders of a PATH, and those of programs for administrators. */
export function programFolders(path: string): readonly string[] {
  return [...path.split(delimiter).filter((folder) => folder !== ''), ...ADMINISTRATORS_FOLDERS];
}

/**
 * Returns the paths of the programs that create a namespace.
 *
 * @throws UserError (exit code 2) that names the first missing program
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
