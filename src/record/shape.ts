/**
 * Finds the path of the first fault in a parsed JSON value: `.request.url`, empty for the value itself. Undefined for a
 * valid value.
 *
 * A journal is read several times while its recording is written, and zod would add two thirds to the parsing of a line.
 */
export type Shape = (value: unknown) => string | undefined;

const HERE = '';

/** A value that passes a test. */
export function having(test: (value: unknown) => boolean): Shape {
  return (value) => (test(value) ? undefined : HERE);
}

/** A text. */
export const text = having((value) => typeof value === 'string');

/** A whole number from 0. */
export const count = having((value) => Number.isSafeInteger(value) && Number(value) >= 0);

/** A number. In JSON every number is finite. */
export const number = having((value) => typeof value === 'number');

/** One of these words. */
export function oneOf(...words: readonly string[]): Shape {
  const known = new Set<unknown>(words);
  return having((value) => known.has(value));
}

/** A value of this shape, or an absent one. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value));
}

/** A list of any length whose elements have a shape. */
export function listOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return HERE;
    for (let index = 0; index < value.length; index += 1) {
      const fault = shape(value[index]);
      if (fault !== undefined) return `[${index}]${fault}`;
    }
    return undefined;
  };
}

/** A list of two elements of one shape. */
export function pairOf(shape: Shape): Shape {
  const list = listOf(shape);
  return (value) => list(value) ?? ((value as unknown[]).length === 2 ? undefined : HERE);
}

/** An object whose members have these shapes. Further members are allowed. */
export function objectOf(shapes: Readonly<Record<string, Shape>>): Shape {
  const members = Object.entries(shapes);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return HERE;
    for (const [name, shape] of members) {
      const fault = shape((value as Record<string, unknown>)[name]);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    return undefined;
  };
}
