import { resolve } from 'node:path';
import { describeError, UserError } from '../errors.ts';
import { writeOutput } from '../output/output.ts';

/**
 * Writes the file of `--ready-file`, whole or not at all: a line of JSON.
 *
 * @throws UserError (exit code 2) when it cannot be written
 */
export async function writeReadyFile(path: string, ready: object): Promise<void> {
  try {
    const output = { kind: 'file', path: resolve(path), replace: true } as const;
    await writeOutput(output, [`${JSON.stringify(ready)}\n`]);
  } catch (cause) {
    const message = `Cannot write the ready file ${path}: ${describeError(cause)}`;
    throw new UserError(message, { cause, exitCode: 2 });
  }
}
