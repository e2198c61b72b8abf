import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeError, UserError } from '../errors.ts';
import { writeOutput } from '../output/output.ts';

/** The file of `--ready-file`, which says that a command is ready and how to reach it. */
export type ReadyFile = {
  /**
   * Writes the file, whole or not at all: one line of JSON.
   *
   * @throws UserError (exit code 2) when it cannot be written
   */
  write(ready: object): Promise<void>;
  /** Removes the file, if there is one. */
  remove(): Promise<void>;
};

/**
 * Prepares the file. One that a killed process left behind is removed, because a reader would believe it.
 *
 * @param path undefined without `--ready-file`; nothing is written then
 */
export async function prepareReadyFile(path: string | undefined): Promise<ReadyFile> {
  if (path === undefined) return { write: async () => {}, remove: async () => {} };
  const remove = () => rm(path, { force: true });
  await remove();
  return { write: (ready) => writeReadyFile(path, ready), remove };
}

async function writeReadyFile(path: string, ready: object): Promise<void> {
  try {
    const output = { kind: 'file', path: resolve(path), replace: true } as const;
    await writeOutput(output, [`${JSON.stringify(ready)}\n`]);
  } catch (cause) {
    const message = `Cannot write the ready file ${path}: ${describeError(cause)}`;
    throw new UserError(message, { cause, exitCode: 2 });
  }
}
