import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { isNode, LineCounter, parseDocument, YAMLParseError } from 'yaml';
import { objectAt } from '../../document/fields.ts';
import { parsedYaml } from '../../document/v3/yaml.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { JsonObject } from '../../json/object.ts';

/** A parsed YAML file. */
export type YamlFile = {
  readonly document: JsonObject;
  /**
   * Reads a value in the document.
   *
   * @throws the the same error with the file name and the line of the location that its message begins with
   */
  read<T>(from: (document: JsonObject) => T): T;
};

/**
 * Reads a YAML file of a collection v3.
 *
 * @returns only if the file is missing and optional
 * with the file name and the line, if the file cannot be read or is not a map
 */
export function readYaml(
  root: string,
  path: string,
  { mayBeAbsent = false }: { readonly mayBeAbsent?: boolean } = {},
): YamlFile | undefined {
  const name = relative(root, path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (mayBeAbsent && errorCode(cause) === 'ENOENT') return undefined;
    throw new UserError(`${name}: ${describeError(cause)}`, { cause });
  }
  const document = objectAt(parsed(text, name) ?? {}, name);
  return {
    document,
    read(from) {
      try {
        return from(document);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const line = lineOf(text, error.message);
        const { cause } = error;
        throw new UserError(`${name}, line ${line}: ${error.message}`, { cause });
      }
    },
  };
}

function parsed(text: string, name: string): unknown {
  try {
    return parsedYaml(text);
  } catch (cause) {
    // The rest of the message quotes the text around the fault, which may contain a secret.
    const said = describeError(cause).split('\n')[0]?.replace(/:$/, '.');
    const at = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const line = at === undefined || said?.includes('at line') ? '' : `line ${at}: `;
    throw new UserError(`${name}: ${line}${said}`, { cause });
  }
}

/** The line of the location that a message begins with, `headers[0].key`, or of its nearest ancestor. */
function lineOf(text: string, message: string): number {
  const [place = ''] = message.split(' ', 1);
  const steps = (place.match(/[^.[\]]+/g) ?? []).map((step) =>
    /^\d+$/.test(step) ? Number(step) : step,
  );
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (let length = steps.length; length > 0; length -= 1) {
    const node = document.getIn(steps.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
