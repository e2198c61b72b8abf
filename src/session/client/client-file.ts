import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder } from '../../new-files.ts';
import { writeOutput } from '../../output/output.ts';

/** What a running client tells the other programs of the same account on this machine. */
export type ClientFile = {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
};

const schema = z.object({
  pid: z.int(),
  port: z.int(),
  token: z.string().min(1),
});

function pathOf(home: string, port: number): string {
  return join(home, 'clients', `${port}.json`);
}

/**
 * Writes down, for this account alone (0600), the token of the client at a port, so that a proxy of the same account
 * finds it without being told.
 *
 * @returns removes the file, unless another client has written its own meanwhile
 */
export async function writeClientFile(
  home: string,
  file: ClientFile,
): Promise<() => Promise<void>> {
  const path = pathOf(home, file.port);
  await makePrivateFolder(join(home, 'clients'));
  await writeOutput({ kind: 'file', path, replace: true }, [`${JSON.stringify(file)}\n`]);
  return async () => {
    const there = await readClientFile(home, file.port);
    if (there?.token === file.token) await rm(path, { force: true });
  };
}

/**
 * What the client at this port of this machine has written down; undefined when there is nothing. One that was killed
 * leaves it behind.
 */
export async function readClientFile(home: string, port: number): Promise<ClientFile | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(pathOf(home, port), 'utf8')));
  } catch {
    return undefined;
  }
}
