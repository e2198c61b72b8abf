import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { isNode, LineCounter, parseDocument, YAMLParseError } from 'yaml';
import { objectAt } from '../../document/fields.ts';
import { parsedYaml } from '../../document/v3/yaml.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { JsonObject } from '../../json/object.ts';

/** A YAML file that has been read. */
export type YamlFile = {
  readonly document: JsonObject;
  /**
   * Reads something in the document.
   *
   * @throws the same UserError with the name of the file, and the line of the place that its message begins with
   */
  read<T>(from: (document: JsonObject) => T): T;
};

/**
 * Reads a YAML file of a collection v3.
 *
 * @returns undefined only where the file is not there and may be absent
 * @throws UserError, which names the file and the line, when it cannot be read or is not a map
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
    // The rest of the message is the text around the fault, in which a secret may be.
    const said = describeError(cause).split('\n')[0]?.replace(/:$/, '.');
    const at = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const line = at === undefined || said?.includes('at line') ? '' : `line ${at}: `;
    throw new UserError(`${name}: ${line}${said}`, { cause });
  }
}

/** The line of the place with which a message begins, `headers[0].key`, or of what is nearest around it. */
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
