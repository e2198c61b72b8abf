import { execFileSync } from 'node:child_process';
import { test } from 'vitest';
import { testWith } from './clients.ts';

const account = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];

/** Why this machine permits no network namespaces to this account; undefined where it does. */
export const namespacesForbidden = reasonAgainstNamespaces();

/**
 * A `test` that needs network namespaces, made with programs that must be there in CI. A container may forbid them all the
 * same: then it is skipped, and the test of the refusal is what remains.
 */
export function testIsolated(): typeof test | typeof test.skip {
  const withPrograms = [testWith('nft', '--version'), testWith('nsenter', '--version')];
  if (withPrograms.includes(test.skip)) return test.skip;
  if (namespacesForbidden === undefined) return test;
  process.stderr.write(`Skipped: no network namespaces here (${namespacesForbidden}).\n`);
  return test.skip;
}

function reasonAgainstNamespaces(): string | undefined {
  try {
    const args = [...account, '--net', '--mount', 'ip', 'link', 'set', 'lo', 'up'];
    execFileSync('unshare', args, { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return String(error).split('\n').at(1) ?? String(error);
  }
}
