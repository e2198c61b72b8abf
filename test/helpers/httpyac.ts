import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { HardRequest } from './hard-requests.ts';

const require = createRequire(import.meta.url);
const httpyac = join(dirname(require.resolve('httpyac/package.json')), 'bin/httpyac.js');

/** Has httpyac send every request of a file, one after another. */
export async function sendWithHttpyac(file: string): Promise<void> {
  const folder = dirname(file);
  const args = [httpyac, 'send', basename(file), '--all', '--no-color', '--output', 'none'];
  const { PATH } = process.env;
  const options = { cwd: folder, env: { PATH, HOME: folder }, timeout: 110_000 };
  // It ends with an error when a single request failed; what came tells.
  await promisify(execFile)(process.execPath, args, options).catch(({ killed }) => {
    if (killed) throw new Error('httpyac did not end');
  });
}

const unsent = new Set(['/method', '/encoded%20space/%E4%BD%A0?q=%20+%2B&r=%zz%']);

/** What it cannot send: methods and URLs that its HTTP client does not know. */
export function isUnknownToHttpyac({ target }: Pick<HardRequest, 'target'>): boolean {
  return unsent.has(target);
}
