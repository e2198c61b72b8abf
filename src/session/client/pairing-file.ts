import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { PairingFile } from '../../hub/interceptors/pairings.ts';
import { makePrivateFolder } from '../../new-files.ts';
import { writeOutput } from '../../output/output.ts';

const schema = z.array(
  z.object({ id: z.string(), name: z.string(), key: z.string(), pairedAt: z.string() }),
);

/** The extensions that are paired with clients of this account, in `interceptors.json` of pmproxy's folder (mode 0600). */
export function pairingFile(home: string): PairingFile {
  const path = join(home, 'interceptors.json');
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return '[]';
        throw error;
      });
      try {
        return schema.parse(JSON.parse(text));
      } catch (cause) {
        throw new UserError(`${path} cannot be read: ${describeError(cause)}`, {
          cause,
          hint: 'Remove the file, and pair your browsers again.',
        });
      }
    },
    async write(pairings) {
      await makePrivateFolder(home);
      await writeOutput({ kind: 'file', path, replace: true }, [`${JSON.stringify(pairings)}\n`]);
    },
  };
}
