import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PUBLIC, writeNew } from '../new-files.ts';
import { trustBundle } from './bundle.ts';
import { type ClientFiles, type Environment, PRELOAD_FOLDER } from './ecosystem.ts';
import { ecosystems } from './environment.ts';

/** The paths at which programs see their folders, and the hosts that they connect to directly. */
export type Surroundings = Pick<ClientFiles, 'folder' | 'preloadFolder'> & {
  readonly direct?: readonly string[];
};

/**
 * Writes the files that clients need besides variables into a folder, which must exist and be the
 * user's own: our CA, the bundle of certificates, and what each ecosystem needs.
 * @param caFile our CA's certificate, PEM.
 * @param surroundings where clients see the files; the actual paths by default.
 * @returns the files, by the paths at which clients see them
 */
export async function writeClientFiles(
  folder: string,
  caFile: string,
  ambient: Environment,
  surroundings: Surroundings = { folder, preloadFolder: PRELOAD_FOLDER },
): Promise<ClientFiles> {
  const ca = await readFile(caFile, 'utf8');
  const bundle = await trustBundle(ca, ambient);
  const { direct = [], ...seen } = surroundings;
  const files: ClientFiles = {
    ...seen,
    caFile: `${seen.folder}/ca.pem`,
    bundleFile: `${seen.folder}/ca-bundle.pem`,
    spkiFingerprint: spkiFingerprint(ca),
  };
  await Promise.all([
    writeNew(join(folder, 'ca.pem'), ca, PUBLIC),
    writeNew(join(folder, 'ca-bundle.pem'), bundle, PUBLIC),
    ...ecosystems.map(({ writeFiles }) =>
      writeFiles?.(folder, { ambient, bundle, seen: files, direct }),
    ),
  ]);
  return files;
}

function spkiFingerprint(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
