import { parse } from 'yaml';
import { UserError } from '../../errors.ts';

/**
 * Parses a YAML file of a collection v3.
 *
 * @throws UserError for a value that contains itself or is nested too deeply; YAMLParseError for invalid YAML
 */
export function parsedYaml(text: string): unknown {
  const value: unknown = readable(text);
  // Only an alias can make a value contain itself.
  if (/\*\S/.test(text) && isCircular(value))
    throw new UserError('a value in it contains itself through an alias.');
  return value;
}

function readable(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    // A stack overflow; the parser reports its own as syntax errors.
    if (cause instanceof Error && /call stack/.test(cause.message))
      throw new UserError('its YAML is nested too deeply.', { cause });
    throw cause;
  }
}

function isCircular(value: unknown, around: readonly object[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (around.includes(value)) return true;
  const inner = [...around, value];
  return Object.values(value).some((member) => isCircular(member, inner));
}
