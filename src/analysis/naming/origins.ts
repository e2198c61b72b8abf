import { nameFrom, type VariableNames } from '../../secrets/variables.ts';

/**
 * Names a variable for each origin: `baseUrl` for a single origin, otherwise a name built from host and port
 * (`api_example_com`, `localhost_8080`).
 *
 * @param origins e.g. `https://api.example.com`, in order of appearance
 * @returns variable names by origin, in the same order
 */
export function nameOrigins(
  origins: ReadonlySet<string>,
  names: VariableNames,
): ReadonlyMap<string, string> {
  const single = origins.size === 1;
  return new Map(
    [...origins].map((origin) => [origin, names.claim(single ? 'baseUrl' : hostName(origin))]),
  );
}

/** A variable's name for an origin, built from its host and port. */
export function hostName(origin: string): string {
  const name = nameFrom(origin.slice(origin.indexOf('://') + 3));
  return /^[a-z]/.test(name) ? name : `host_${name}`;
}
