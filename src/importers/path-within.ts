import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

/**
 * Resolves a name in a file relative to the folder of that file. A file may come from anywhere, so names outside its
 * folder are rejected.
 *
 * @returns if the name leads outside, also through a link
 */
export function pathWithin(folder: string, name: string): string | undefined {
  const path = resolve(folder, name);
  if (!isBelow(folder, path)) return undefined;
  // The file does not exist.
  if (!existsSync(path)) return path;
  return isBelow(realpathSync(folder), realpathSync(path)) ? path : undefined;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path;
}
