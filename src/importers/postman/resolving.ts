/** A variable may be made of others; one that is made of itself must come to an end. */
const deepest = 10;

const NAME = /\{\{([^{}]+)\}\}/g;

/**
 * Puts the values of variables in the place of `{{name}}`. What has no value - unknown names, dynamic ones such as
 * `{{$guid}}`, blanks to be filled in - stays as it is written.
 */
export function resolved(text: string, variables: ReadonlyMap<string, string>): string {
  let current = text;
  for (let depth = 0; depth < deepest && current.includes('{{'); depth += 1) {
    const next = current.replace(
      NAME,
      (braced, name: string) => variables.get(name.trim()) || braced,
    );
    if (next === current) break;
    current = next;
  }
  return current;
}
