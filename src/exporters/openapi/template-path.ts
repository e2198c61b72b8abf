import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import type { UrlParts } from '../../collection.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';

/** Which words in a path are variables, and how its other characters are encoded. */
export type PathSyntax = {
  /** Whether `:name` is a parameter. */
  isParameter(name: string): boolean;
  /** Whether `{{name}}` is a variable. */
  isVariable(name: string): boolean;
  readonly encoding: 'latin1' | 'utf8';
};

/** The syntax of a hand-written path. */
export const WRITTEN: PathSyntax = {
  isParameter: () => true,
  isVariable: () => true,
  encoding: 'utf8',
};

/**
 * Converts a collection's path to OpenAPI: `:id` and `{{id}}` become `{id}`.
 *
 * @returns the path, and its parameters in order, with their values
 */
export function templatePath(
  { path: segments = [], variables = [] }: UrlParts,
  { isParameter, isVariable, encoding }: PathSyntax,
): { readonly path: string; readonly values: PathValue[] } {
  const known = new Map(enabled(variables).map(({ key, value }) => [key, textOf(value)]));
  const values: PathValue[] = [];
  const used = new Set<string>();
  const parameter = (name: string, value: string, index: number): string => {
    const word = name.replace(/^\$/, '').replace(/[^\w.-]/g, '_') || 'value';
    let free = word;
    for (let number = 2; used.has(free); number += 1) free = `${word}_${number}`;
    used.add(free);
    values.push({ name: free, kind: 'value', index, value });
    return `{${free}}`;
  };
  const escaped = (text: string) => escapedText(text, encoding);
  const written = segments.map((segment, index) => {
    const [, name = '', rest = ''] = /^:([^.]+)(.*)$/s.exec(segment) ?? [];
    if (name !== '' && isParameter(name)) {
      const value = known.get(name) || `{{${name.replace(/\W/g, '_')}}}`;
      return parameter(name, value, index) + escaped(rest);
    }
    return segment
      .split(/\{\{([^{}]+)\}\}/)
      .map((part, at) => {
        if (at % 2 === 0) return escaped(part);
        if (!isVariable(part)) return escaped(`{{${part}}}`);
        return parameter(part.trim(), `{{${part.replace(/\W/g, '_')}}}`, index);
      })
      .join('');
  });
  return { path: `/${written.join('/')}`, values };
}

/** Escapes braces, which mark parameters, `?` and `#`, which end a path, and non-ASCII characters (RFC 3986, 2). */
function escapedText(text: string, encoding: PathSyntax['encoding']): string {
  return text.replace(/[{}?#]|[^\x21-\x7e]+/g, (part) =>
    Buffer.from(part, /[^\0-\xff]/.test(part) ? 'utf8' : encoding)
      .toString('hex')
      .toUpperCase()
      .replace(/../g, '%$&'),
  );
}
