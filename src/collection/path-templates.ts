import { singular } from './identifying.ts';

/** A path taken apart: what stays and what is a parameter. */
export type PathTemplate = {
  /** `/users/:userId`. */
  readonly path: string;
  readonly parameters: readonly PathParameter[];
};

export type PathParameter = {
  /** `userId`; no two of one template are the same. */
  readonly name: string;
  /** As sent, undecoded. */
  readonly value: string;
  /** What its values are, as a sentence has it: `a number`, `a UUID`. */
  readonly kind: string;
  /** The segment after so many slashes: 0 for `/this/…`. */
  readonly index: number;
};

/** A template that somebody stated outright: its segments, parameters as `{ parameter }`. */
export type StatedTemplate = readonly (string | { readonly parameter: string })[];

const STATED_NAME = /^(?::([A-Za-z_][\w-]*)|\{([A-Za-z_][\w-]*)\})$/;

/**
 * Reads a template such as `/users/:userId/files/{name}`.
 *
 * @returns undefined for what is none: no slash at the start, no parameter, a name that is none or comes twice, a query
 */
export function parseTemplate(text: string): StatedTemplate | undefined {
  if (!/^\/[^?#\s]+$/.test(text)) return undefined;
  const segments = text
    .slice(1)
    .split('/')
    .map((segment) => {
      const [, colon, braces] = STATED_NAME.exec(segment) ?? [];
      const parameter = colon ?? braces;
      return parameter === undefined ? segment : { parameter };
    });
  const names = segments.flatMap((segment) =>
    typeof segment === 'string' ? [] : [segment.parameter],
  );
  const literal = segments.filter((segment) => typeof segment === 'string');
  const isClean = literal.every((segment) => !/^:|[{}]/.test(segment));
  return isClean && names.length > 0 && new Set(names).size === names.length ? segments : undefined;
}

/**
 * Finds the template of a path (FORMATS, path templates): segments that are ids or dates are parameters, named after the
 * segment before them; never the first segment, a version or a word.
 *
 * @param path undecoded, as sent
 * @param stated templates that win, the first that fits
 */
export function pathTemplate(path: string, stated: readonly StatedTemplate[] = []): PathTemplate {
  const segments = path.split('/').slice(1);
  const fitting = stated.find((template) => fits(template, segments));
  const names = new Set<string>();
  const parameters: PathParameter[] = [];
  const written = segments.map((segment, index) => {
    const found = fitting ? statedAt(fitting, index) : impliedAt(segments, index);
    if (found === undefined) return segment;
    const name = freeName(found.name, names);
    parameters.push({ name, value: segment, kind: found.kind, index });
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

type Found = { readonly name: string; readonly kind: string };

function statedAt(template: StatedTemplate, index: number): Found | undefined {
  const part = template[index];
  if (part === undefined || typeof part === 'string') return undefined;
  return { name: part.parameter, kind: 'a value' };
}

function impliedAt(segments: readonly string[], index: number): Found | undefined {
  const kind = index === 0 ? undefined : kindOf(segments[index] ?? '');
  if (kind === undefined) return undefined;
  if (kind === 'a date') return { name: 'date', kind };
  return { name: `${ownerOf(segments.slice(0, index))}Id`, kind };
}

const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a date', /^\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$/],
  ['a number', /^\d+$/],
  ['a UUID', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  // Crockford's base 32, in capitals; the first digit holds three bits.
  ['a ULID', /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/],
  ['a hexadecimal id', /^[0-9a-f]{16,}$/i],
  ['a cuid', /^c[0-9a-z]{24}$/],
  // What follows is no word, also not one with a year behind it.
  ['an id', /^[a-z]{2,8}_(?![A-Za-z]+\d{0,4}$)[0-9A-Za-z]{8,}$/],
];

function kindOf(segment: string): string | undefined {
  return KINDS.find(([, pattern]) => pattern.test(segment))?.[0];
}

/** What the ids behind these segments are the ids of. */
function ownerOf(before: readonly string[]): string {
  const word = before.findLast(
    (segment) => kindOf(segment) === undefined && !/^v\d+(?:\.\d+)*$/i.test(segment),
  );
  const parts = (word ?? '').split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  const last = parts.pop();
  if (last === undefined || !/^[a-z]/i.test(parts[0] ?? last)) return 'item';
  const words = [...parts, singular(last)];
  return words.map((part, index) => (index === 0 ? lowerFirst(part) : upperFirst(part))).join('');
}

function lowerFirst(text: string): string {
  return text === text.toUpperCase()
    ? text.toLowerCase()
    : text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}${number}`;
  taken.add(name);
  return name;
}
