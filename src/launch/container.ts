import { chmod, readdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder, PUBLIC, writeNew } from '../new-files.ts';
import { writeClientFiles } from './client-files.ts';
import { PRELOAD_FOLDER } from './ecosystem.ts';
import { proxyVariables } from './environment.ts';

/** The settings by which a container sends its traffic through a proxy on its host. */
export type ContainerSetup = {
  readonly variables: Readonly<Record<string, string>>;
  /** A file with the variables, as `docker run --env-file` reads it. */
  readonly envFile: string;
  /** Folders of this machine, and the paths at which the container sees them, read-only. */
  readonly mounts: readonly { readonly from: string; readonly to: string }[];
  /** A host name and its address, in Docker's syntax. */
  readonly extraHost: string;
};

/** Docker's name for its host, and its keyword for the host's address. */
const HOST = 'host.docker.internal';
const seen = { folder: '/pmproxy/clients', preloadFolder: '/pmproxy/preload' } as const;
/** In a container these names mean the container itself, which the proxy cannot reach. */
const direct = ['localhost', '127.0.0.1', '::1'] as const;

/**
 * Writes the files for containers into a folder, which is created if missing. The files contain no secrets, and every
 * account may read them, because a container may use any account.
 * @param caFile our CA's certificate, PEM.
 * @param port of the proxy
 */
export async function setUpContainers(
  folder: string,
  caFile: string,
  port: number,
): Promise<ContainerSetup> {
  await makePrivateFolder(folder);
  // Settings of this account, such as a wgetrc with passwords, are not for containers.
  const files = await writeClientFiles(folder, caFile, { HOME: folder }, { ...seen, direct });
  const access = { ...files, proxyUrl: `http://${HOST}:${port}`, direct };
  const variables = proxyVariables({}, access, 'linux');
  const envFile = join(folder, `env-${port}`);
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeNew(envFile, lines.join(''), PUBLIC);
  await letEverybodyRead(folder);
  const mounts = [
    { from: folder, to: seen.folder },
    { from: PRELOAD_FOLDER, to: seen.preloadFolder },
  ];
  return { variables, envFile, mounts, extraHost: `${HOST}:host-gateway` };
}

async function letEverybodyRead(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await letEverybodyRead(path);
    else await chmod(path, PUBLIC);
  }
}

/** The address of this machine in Docker's default network; the usual address if the network does not exist now. */
export function bridgeAddress(): string {
  const found = networkInterfaces()['docker0']?.find(({ family }) => family === 'IPv4');
  return found?.address ?? '172.17.0.1';
}
