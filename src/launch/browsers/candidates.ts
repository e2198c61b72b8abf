import { posix, win32 } from 'node:path';
import type { Environment } from '../ecosystem.ts';
import type { KnownBrowser } from './known.ts';

/** The machine on which a browser is looked for. */
export type Machine = {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  /** The user's home folder. */
  readonly home: string;
};

/**
 * Returns the possible paths of a browser's program, the likeliest first, without accessing the disk.
 *
 * On Windows, programs in PATH come last: browsers are not installed into PATH there, and a match may be a script.
 * Flatpak browsers are not included: they cannot access our folders, so they could not use the profile.
 */
export function candidatePaths(browser: KnownBrowser, machine: Machine): readonly string[] {
  const { platform, env, home } = machine;
  const inPath = programsInPath(browser.programs, machine);
  if (platform === 'win32') {
    const roots = ['LOCALAPPDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'].map((name) =>
      variable(env, name),
    );
    const installed = roots.flatMap((root) => (root ? [win32.join(root, browser.windows)] : []));
    return [...installed, ...inPath];
  }
  if (platform === 'darwin') {
    const folders = ['/Applications', posix.join(home, 'Applications')];
    return [...folders.map((folder) => posix.join(folder, browser.macos)), ...inPath];
  }
  return [...inPath, ...browser.linux];
}

function programsInPath(
  programs: readonly string[],
  { platform, env }: Machine,
): readonly string[] {
  const isWindows = platform === 'win32';
  const { join, isAbsolute } = isWindows ? win32 : posix;
  // A relative entry of PATH depends on the current folder, so it is ignored.
  const folders = (variable(env, 'PATH') ?? '').split(isWindows ? ';' : ':').filter(isAbsolute);
  const ending = isWindows ? '.exe' : '';
  return programs.flatMap((program) => folders.map((folder) => join(folder, program + ending)));
}

/** Variable names are case-insensitive on Windows, but only `process.env` itself implements that. */
function variable(env: Environment, name: string): string | undefined {
  const key = Object.keys(env).find((candidate) => candidate.toUpperCase() === name);
  return key === undefined ? undefined : env[key];
}
