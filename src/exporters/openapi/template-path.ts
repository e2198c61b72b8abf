import type { PathValue } from '../../analysis/endpoints/path-templates.ts';
import type { Variable } from '../../collection.ts';
import { enabled } from '../../document/url.ts';
import { textOf } from '../../json/object.ts';

/**
 * Writes a path of a collection as OpenAPI has it: `:id` and `{{id}}` become `{id}`.
 *
 * @param variables the values of `:name`
 * @returns the path, and its parameters with their values
 */
export function templatePath(
  segments: readonly string[],
  variables: readonly Variable[],
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
  const written = segments.map((segment, index) => {
    const named = /^:([^.]+)(.*)$/s.exec(segment);
    if (named) {
      const [, name = '', rest = ''] = named;
      return (
        parameter(name, known.get(name) || `{{${name.replace(/\W/g, '_')}}}`, index) + escaped(rest)
      );
    }
    return segment
      .split(/\{\{([^{}]+)\}\}/)
      .map((part, at) =>
        at % 2 === 1
          ? parameter(part.trim(), `{{${part.replace(/\W/g, '_')}}}`, index)
          : escaped(part),
      )
      .join('');
  });
  return { path: `/${written.join('/')}`, values };
}

/** Braces would be parameters; what is no ASCII cannot stand in a path (RFC 3986, 2). */
function escaped(text: string): string {
  return text.replace(/[{}]|[^\x21-\x7e]+/g, (part) =>
    Buffer.from(part).toString('hex').toUpperCase().replace(/../g, '%$&'),
  );
}
