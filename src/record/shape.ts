/**
 * Finds the first place at which a parsed JSON value is not as it should be: `.request.url`, empty for the value itself.
 * Undefined where there is none.
 *
 * A journal is read several times while its recording is written, and zod would add two thirds to the parsing of a line.
 */
export type Shape = (value: unknown) => string | undefined;

const HERE = '';

/** A value of which a test holds. */
export function having(test: (value: unknown) => boolean): Shape {
  return (value) => (test(value) ? undefined : HERE);
}

/** A text. */
export const text = having((value) => typeof value === 'string');

/** A whole number from 0. */
export const count = having((value) => Number.isSafeInteger(value) && Number(value) >= 0);

/** A number; JSON has no others than finite ones. */
export const number = having((value) => typeof value === 'number');

/** One of these words. */
export function oneOf(...words: readonly string[]): Shape {
  const known = new Set<unknown>(words);
  return having((value) => known.has(value));
}

/** Either of that shape, or not there. */
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

/** An object whose members have shapes; others may be there as well. */
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
