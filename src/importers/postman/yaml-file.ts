import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { objectAt } from '../../document/fields.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { JsonObject } from '../../json/object.ts';

/**
 * Reads a YAML file of a collection v3.
 *
 * @returns undefined only where the file is not there and may be absent
 * @throws UserError, which names the file and the line, when it cannot be read or is no map
 */
export function readYaml(
  root: string,
  path: string,
  { mayBeAbsent = false }: { readonly mayBeAbsent?: boolean } = {},
): JsonObject | undefined {
  const name = relative(root, path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (mayBeAbsent && errorCode(cause) === 'ENOENT') return undefined;
    throw new UserError(`${name}: ${describeError(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    // The rest of the message is the text around the fault, in which a secret may stand.
    const said = describeError(cause).split('\n')[0]?.replace(/:$/, '.');
    const at = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const line = at === undefined || said?.includes('at line') ? '' : `line ${at}: `;
    throw new UserError(`${name}: ${line}${said}`, { cause });
  }
  return objectAt(value ?? {}, name);
}
