import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder } from '../../new-files.ts';
import { writeOutput } from '../../output/output.ts';

/** How other processes of the same account reach a running client. */
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
 * Writes the token of the client at a port to a file of this account (mode 0600), where proxies of the same account find
 * it.
 *
 * @returns a function that removes the file, unless another client has replaced it
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
 * Reads the file of the client at a port of this machine; undefined when there is none. A client that was killed leaves its
 * file behind.
 */
export async function readClientFile(home: string, port: number): Promise<ClientFile | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(pathOf(home, port), 'utf8')));
  } catch {
    return undefined;
  }
}
