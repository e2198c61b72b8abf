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
  /** Values by variable; empty if a recording does not contain the value. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Write no values; values that a user has filled in stay. */
  readonly blank: boolean;
  /** Add to the existing environment, which is kept. */
  readonly append: boolean;
};

/**
 * Writes the secret variables of a collection as Postman imports and newman reads them (`-e`), mode 0600.
 *
 * @returns the file's path
 * @throws errors of the disk
 */
export async function writeEnvironment(environment: SecretEnvironment): Promise<string> {
  const { output, name, secrets, blank, append } = environment;
  const path = `${output.replace(/(?:(?:\.postman_collection)?\.json|\/)$/, '')}.postman_environment.json`;
  const there = await readEnvironment(path);
  const kept = append ? there : undefined;
  const known = new Map(there?.values.map((entry) => [entry.key, entry]));
  const added = [...secrets].filter(([key]) => !(append && known.has(key)));
  const values = added.map(([key, value]) => ({
    key,
    value: blank || value === '' ? (known.get(key)?.value ?? '') : value,
    type: 'secret',
    enabled: true,
  }));
  const text = JSON.stringify(
    {
      id: idOf(name),
      name,
      ...kept,
      values: [...(kept?.values ?? []), ...values],
      _postman_variable_scope: 'environment',
    },
    null,
    2,
  );
  await writeOutput({ kind: 'file', path, replace: true }, [`${text}\n`]);
  return path;
}

/** Derives an id in UUID form from the name. */
function idOf(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

const Environment = z.looseObject({
  values: z.array(z.looseObject({ key: z.string(), value: z.string() })),
});

/** Reads the existing environment; undefined if the file is not an environment. */
async function readEnvironment(path: string): Promise<z.infer<typeof Environment> | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  return Environment.safeParse(jsonOf(text)).data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
