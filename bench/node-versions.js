/** Other versions of Node, from npm's `node` package, each in a folder of its own that Git ignores. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} NodeVersion
 * @property {string} asked what was typed, such as 22
 * @property {string} version such as v22.23.3
 * @property {string} path of the program
 */

/**
 * Finds a version of Node: the bench's own where it is that, otherwise one that was installed before or is now.
 * @param {string} asked a major or a whole version
 * @returns {NodeVersion}
 * @throws with a sentence when it cannot be installed
 */
export function nodeVersion(asked) {
  if (!/^\d+(\.\d+\.\d+)?$/.test(asked))
    throw new Error(
      `--node takes versions such as 22 or 22.12.0, separated by commas, not ${asked}.`,
    );
  const own = process.version.slice(1);
  if (own === asked || own.split('.')[0] === asked)
    return { asked, version: process.version, path: process.execPath };
  const folder = fileURLToPath(new URL(`node-versions/${asked}`, import.meta.url));
  const path = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(path)) install(folder, asked);
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
  return { asked, version, path };
}

/** @param {string} folder @param {string} version */
function install(folder, version) {
  console.error(`Installing node@${version} …`);
  const quiet = [
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel',
    'error',
  ];
  try {
    execFileSync('npm', ['install', '--prefix', folder, ...quiet, `node@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (cause) {
    const hint = `Try: npm install --prefix "${folder}" node@${version}`;
    throw new Error(`Cannot install Node ${version}. ${hint}`, { cause });
  }
}
