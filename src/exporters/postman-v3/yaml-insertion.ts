import { isMap, isNode, isPair, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { yamlText } from '../yaml-text.ts';

/**
 * Adds a member to the end of a YAML file; every existing character stays if the file is in block style.
 */
export function withMember(text: string, name: string, value: unknown): string {
  const document = parseDocument(text, { compat: 'yaml-1.1' });
  const { contents } = document;
  if (contents === null || (isMap(contents) && !contents.flow)) {
    return insertLines(text, text.length, yamlText({ [name]: value }), 0);
  }
  document.set(name, value);
  return String(document);
}

/** Adds pairs to a member that is a map, or a list of keys and values, in the same way. */
export function withPairs(
  text: string,
  name: string,
  pairs: readonly (readonly [key: string, value: string])[],
): string {
  const document = parseDocument(text, { compat: 'yaml-1.1' });
  const found = document.get(name, true);
  const list = pairs.map(([key, value]) => ({ key, value }));
  if (found === undefined) return withMember(text, name, Object.fromEntries(pairs));
  if (isMap(found) && !found.flow && found.items.length > 0) {
    return insertLines(
      text,
      endOf(found),
      yamlText(Object.fromEntries(pairs)),
      columnOf(text, found),
    );
  }
  if (isSeq(found) && !found.flow && found.items.length > 0) {
    return insertLines(text, endOf(found), yamlText(list), columnOf(text, found));
  }
  if (isSeq(found)) for (const one of list) found.add(document.createNode(one));
  else
    document.set(name, { ...(isMap(found) ? found.toJSON() : {}), ...Object.fromEntries(pairs) });
  return String(document);
}

/** Whether a file has a member of this name, whatever its value. */
export function hasMember(text: string, name: string): boolean {
  return parseDocument(text, { compat: 'yaml-1.1' }).has(name);
}

/** Adds elements to the end of a member that is a list, or to a new one, in the same way. */
export function withElements(text: string, name: string, elements: readonly object[]): string {
  const document = parseDocument(text, { compat: 'yaml-1.1' });
  const found = document.get(name, true);
  if (!document.has(name)) return withMember(text, name, elements);
  if (isSeq(found) && !found.flow && found.items.length > 0) {
    return insertLines(text, endOf(found), yamlText(elements), columnOf(text, found));
  }
  if (isSeq(found)) for (const one of elements) found.add(document.createNode(one));
  else document.set(name, elements);
  return String(document);
}

/** The offset at which the last value in a block ends. */
function endOf({ items }: YAMLMap | YAMLSeq): number {
  const last = items.at(-1);
  const node = isPair(last) ? (last.value ?? last.key) : last;
  return (isNode(node) && node.range?.[1]) || 0;
}

/** The indentation of a block; of a list, that of its dashes. */
function columnOf(text: string, block: YAMLMap | YAMLSeq): number {
  const start = block.range?.[0] ?? 0;
  return start - (text.lastIndexOf('\n', start - 1) + 1);
}

/** Adds whole lines after the line that contains an offset. */
function insertLines(text: string, end: number, lines: string, indent: number): string {
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const next = text[end - 1] === '\n' ? end - 1 : text.indexOf('\n', end);
  const at = next < 0 ? text.length : next + 1;
  const written = lines
    .trimEnd()
    .split('\n')
    .map((line) => ' '.repeat(indent) + line + lineBreak)
    .join('');
  const needsBreak = at > 0 && text[at - 1] !== '\n';
  return text.slice(0, at) + (needsBreak ? lineBreak : '') + written + text.slice(at);
}
