import { readFileSync } from 'node:fs';
import { type UserError, usageError } from '../../errors.ts';

/** Settings by which a system forbids user namespaces, with the values that forbid and allow them. */
const SETTINGS = [
  { name: 'user.max_user_namespaces', forbidding: 0, allowed: 15_000 },
  { name: 'kernel.unprivileged_userns_clone', forbidding: 0, allowed: 1 },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbidding: 1, allowed: 0 },
] as const;

/** The error for a program that --isolate needs and that is not installed. */
export function missingProgram(name: string, debianPackage: string): UserError {
  return usageError(
    `--isolate needs the program ${name}, which is not installed.`,
    `On Debian and Ubuntu, try: apt-get install ${debianPackage}`,
  );
}

/**
 * The error for a namespace that could not be set up.
 *
 * @param said what the programs wrote to standard error
 */
export function notPermitted(said: string): UserError {
  const reason = said.trim().split('\n')[0] || 'the set-up ended early';
  const message = `--isolate cannot set up a network namespace on this machine: ${reason}.`;
  const setting = SETTINGS.find(({ name, forbidding }) => settingValue(name) === forbidding);
  if (setting !== undefined && process.geteuid?.() !== 0) {
    return usageError(message, `Allow it with: sudo sysctl ${setting.name}=${setting.allowed}`);
  }
  return usageError(message, 'Containers often forbid namespaces; try it outside of one.');
}

function settingValue(setting: string): number {
  try {
    return Number(readFileSync(`/proc/sys/${setting.replaceAll('.', '/')}`, 'utf8'));
  } catch {
    // Each kernel has only some of these settings.
    return Number.NaN;
  }
}
