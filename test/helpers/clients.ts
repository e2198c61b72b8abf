import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'vitest';

/**
 * A `test` that needs a program on this machine: skipped with a reason in its title where it is
 * missing, but failed in CI, where a client that silently goes untested would be a defect.
 * @param probe the arguments with which the program shows that it works, such as `--version`.
 */
export function testWith(program: string, ...probe: string[]): typeof test | typeof test.skip {
  if (works(program, probe)) return test;
  const missing = `${[program, ...probe].join(' ')} does not work here`;
  if (process.env['CI']) {
    test(`needs ${program}`, () => {
      throw new Error(missing);
    });
  } else {
    process.stderr.write(`Skipped: ${missing}.\n`);
  }
  return test.skip;
}

type Probed = {
  readonly name: string;
  readonly commands: readonly [string, ...string[]];
  readonly probe: readonly string[];
};

/**
 * A `test` of those of these programs that work on this machine. The others are named on standard error; in CI they fail
 * a test.
 */
export function testPrograms<T extends Probed>(programs: readonly T[]) {
  const isThere = ({ commands, probe }: T) => commands.some((command) => works(command, probe));
  const there = programs.filter(isThere);
  const missing = programs.filter((program) => !there.includes(program)).map(({ name }) => name);
  return (title: string, run: (there: readonly T[]) => Promise<void>, timeoutMs = 600_000) => {
    if (missing.length > 0 && process.env['CI']) {
      test(`needs ${missing.join(', ')}`, () => {
        throw new Error(`Not installed here, or not all of it: ${missing.join(', ')}`);
      });
    } else if (missing.length > 0) {
      process.stderr.write(`Skipped, for they are not installed here: ${missing.join(', ')}.\n`);
    }
    test(title, () => run(there), timeoutMs);
  };
}

/** The first of these programs that works; the first of all where none does. */
export function firstThatWorks(
  programs: readonly [string, ...string[]],
  ...probe: readonly string[]
): string {
  return programs.find((program) => works(program, probe)) ?? programs[0];
}

function works(program: string, probe: readonly string[]): boolean {
  try {
    execFileSync(program, probe, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Python itself: what is found in PATH may be a script that needs the user's home. */
export async function pythonProgram(): Promise<string> {
  const print = 'import sys; print(sys.executable, end="")';
  return String((await promisify(execFile)('python3', ['-c', print])).stdout);
}
