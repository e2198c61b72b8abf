import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

/**
 * Where a name in a file leads, seen from that file's folder. A file may come from anywhere; what it names outside of
 * its folder is not its business.
 *
 * @returns undefined when it leads out, also through a link
 */
export function pathWithin(folder: string, name: string): string | undefined {
  const path = resolve(folder, name);
  if (!isBelow(folder, path)) return undefined;
  // What is not there leads nowhere.
  if (!existsSync(path)) return path;
  return isBelow(realpathSync(folder), realpathSync(path)) ? path : undefined;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path;
}
