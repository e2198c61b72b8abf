import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { writeOutput } from './output.ts';

/** The variables of a collection whose values are secret. */
export type SecretEnvironment = {
  /** The collection's file; the environment's is named after it. */
  readonly output: string;
  readonly name: string;
  /** By variable. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Without values, to be filled in: what somebody has filled in already stays. */
  readonly blank: boolean;
};

/**
 * Writes the secret variables of a collection as Postman imports and newman reads them (`-e`), mode 0600.
 *
 * @returns the file's path
 * @throws what the disk throws
 */
export async function writeEnvironment(environment: SecretEnvironment): Promise<string> {
  const { output, name, secrets, blank } = environment;
  const path = `${output.replace(/(?:(?:\.postman_collection)?\.json|\/)$/, '')}.postman_environment.json`;
  const filled = blank ? await filledIn(path) : secrets;
  const text = JSON.stringify(
    {
      id: idOf(name),
      name,
      values: [...secrets.keys()].map((key) => ({
        key,
        value: filled.get(key) ?? '',
        type: 'secret',
        enabled: true,
      })),
      _postman_variable_scope: 'environment',
    },
    null,
    2,
  );
  await writeOutput({ kind: 'file', path, replace: true }, [`${text}\n`]);
  return path;
}

/** A UUID's form, made from the name. */
function idOf(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

const Filled = z.object({ values: z.array(z.object({ key: z.string(), value: z.string() })) });

/** The values of an environment that is there; of a file that is none, nothing. */
async function filledIn(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  const read = Filled.safeParse(jsonOf(text));
  return new Map(read.data?.values.map(({ key, value }) => [key, value]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
