import {
  type CreateNodeOptions,
  Document,
  type DocumentOptions,
  Scalar,
  type SchemaOptions,
  type ToStringOptions,
  visit,
} from 'yaml';

type YamlOptions = DocumentOptions & SchemaOptions & CreateNodeOptions & ToStringOptions;

/**
 * Characters that YAML 1.1 reads as a line break (4.2) or forbids (5.1); double-quoted strings can escape them.
 */
const UNSAFE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Writes a value as a YAML document with the same meaning in YAML 1.1 and 1.2. The Postman CLI and PyYAML
 * read YAML 1.1, in which unquoted `2024-05-01`, `NO`, `on`, `1_000` and `12:30:00` are not strings.
 *
 * @returns the text, with a line break at its end
 */
export function yamlText(value: unknown, options: YamlOptions = {}): string {
  const document = new Document(value, { ...options, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && isMisread(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString(options)
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * `=` is the type "value" of YAML 1.1, which the compatibility schema lacks; PyYAML rejects tabs in plain scalars.
 */
function isMisread(text: string): boolean {
  return (
    text === '=' || (text.includes('\t') && !text.includes('\n')) || text.search(UNSAFE) !== -1
  );
}
