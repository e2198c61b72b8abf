import { singular } from '../correlation/identifying.ts';
import { isVersion, kindOfSegment } from './segment-kinds.ts';

/** A path split into fixed parts and parameters. */
export type PathTemplate = {
  /** `/users/:userId`. */
  readonly path: string;
  readonly parameters: readonly PathParameter[];
};

type PathParameter = {
  /** `userId`; unique within a template. */
  readonly name: string;
  /** The kind of its values, worded for use in a sentence: `a number`, `a UUID`. */
  readonly kind: string;
  /** The index of the segment: 0 for `/this/…`. */
  readonly index: number;
};

/** A parameter with its value, undecoded. */
export type PathValue = PathParameter & { readonly value: string };

/** A template given by the user: its segments, with parameters as `{ parameter }`. */
export type StatedTemplate = readonly (string | { readonly parameter: string })[];

/**
 * Finds the template of a path (FORMATS, path templates): segments that are ids or dates are parameters, named after the
 * segment before them; never the first segment, a version or a word.
 *
 * @param path undecoded, as sent
 * @param stated templates that take precedence; the first match is used
 */
export function pathTemplate(path: string, stated: readonly StatedTemplate[] = []): PathTemplate {
  const segments = segmentsOf(path);
  const fitting = stated.find((template) => fits(template, segments));
  return writeTemplate(path, (index, owner) =>
    fitting ? statedAt(fitting, index) : impliedAt(segments, index, owner),
  );
}

/** The values of a path in place of its template's parameters. */
export function parameterValues({ parameters }: PathTemplate, path: string): PathValue[] {
  if (parameters.length === 0) return [];
  const segments = segmentsOf(path);
  return parameters.map((parameter) => ({ ...parameter, value: segments[parameter.index] ?? '' }));
}

/** The segments between the slashes of a path. */
export function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** A parameter's name, before names are made unique, and the kind of its values. */
export type FoundParameter = { readonly name: string; readonly kind: string };

/**
 * Writes the template of a path.
 *
 * @param parameterAt the parameter at an index, if there is one; `owner` is the last word before it
 */
export function writeTemplate(
  path: string,
  parameterAt: (index: number, owner: string | undefined) => FoundParameter | undefined,
): PathTemplate {
  const names = new Map<string, number>();
  const parameters: PathParameter[] = [];
  let owner: string | undefined;
  const written = segmentsOf(path).map((segment, index) => {
    const found = parameterAt(index, owner);
    if (found === undefined) {
      if (!isVersion(segment)) owner = segment;
      return segment;
    }
    const name = freeName(found.name, names);
    parameters.push({ name, kind: found.kind, index });
    return `:${name}`;
  });
  return { path: path === '' ? '' : `/${written.join('/')}`, parameters };
}

function fits(template: StatedTemplate, segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false;
  return template.every((part, index) =>
    typeof part === 'string' ? part === segments[index] : segments[index] !== '',
  );
}

function statedAt(template: StatedTemplate, index: number): FoundParameter | undefined {
  const part = template[index];
  if (part === undefined || typeof part === 'string') return undefined;
  return { name: part.parameter, kind: 'a value' };
}

function impliedAt(
  segments: readonly string[],
  index: number,
  owner: string | undefined,
): FoundParameter | undefined {
  const kind = index === 0 ? undefined : kindOfSegment(segments[index] ?? '', segments[index - 1]);
  return kind === undefined ? undefined : { name: parameterName(owner, kind), kind };
}

/** A parameter's name: `date`, or a name after the word before it in the singular (`users`: `userId`). */
export function parameterName(owner: string | undefined, kind: string): string {
  if (kind === 'a date') return 'date';
  const parts = (owner ?? '').split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  const last = parts.pop();
  if (last === undefined || !/^[a-z]/i.test(parts[0] ?? last)) return 'itemId';
  const words = [...parts, singular(last)];
  const name = words.map((part, index) => (index === 0 ? lowerFirst(part) : upperFirst(part)));
  return `${name.join('')}Id`;
}

function lowerFirst(text: string): string {
  return text === text.toUpperCase()
    ? text.toLowerCase()
    : text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The last number given to a name is remembered, so that many equal names do not take longer. */
function freeName(wanted: string, taken: Map<string, number>): string {
  let number = taken.get(wanted) ?? 0;
  let name: string;
  do {
    number += 1;
    name = number === 1 ? wanted : `${wanted}${number}`;
  } while (number > 1 && taken.has(name));
  taken.set(wanted, number);
  if (number > 1) taken.set(name, 1);
  return name;
}
