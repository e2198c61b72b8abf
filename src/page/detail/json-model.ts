const written = Symbol('as it was written');

/** A number that JavaScript cannot represent exactly or would write differently: `12345678901234567890`, `1.10`. */
type WrittenNumber = { readonly [written]: string };

/** A JSON value. Numbers that parsing would change are kept as they were written. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | WrittenNumber
  | JsonValue[]
  | { [key: string]: JsonValue };

/** A child of an object or array, by its key or index. */
export type JsonChild = { readonly key: string | number; readonly value: JsonValue };

/** In longer texts, numbers are parsed as JavaScript does, for speed. */
const EXACT_UP_TO = 2_000_000;

/** Parses JSON; undefined when the text is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text, text.length > EXACT_UP_TO ? undefined : (keepNumber as Reviver));
  } catch (error) {
    // A reviver recurses for each level. Without one, depth does not matter.
    return error instanceof RangeError ? JSON.parse(text) : undefined;
  }
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

// Older browsers do not pass the third parameter. Numbers are then parsed as usual.
function keepNumber(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return { [written]: source };
}

/** The digits of a number that is kept as it was written. */
export function writtenDigits(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, written))
    return undefined;
  return (value as WrittenNumber)[written];
}

/** Whether a value is an object or an array. */
export type JsonBranch = JsonValue[] | { [key: string]: JsonValue };

/** Whether a value has children, or could have. */
export function isBranch(value: JsonValue): value is JsonBranch {
  return typeof value === 'object' && value !== null && writtenDigits(value) === undefined;
}

/** How many children a branch has. */
export function childCount(value: JsonBranch): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Some children of a branch, from an index on. */
export function childrenOf(value: JsonBranch, from: number, limit: number): JsonChild[] {
  if (Array.isArray(value)) {
    return value.slice(from, from + limit).map((one, at) => ({ key: from + at, value: one }));
  }
  return Object.entries(value)
    .slice(from, from + limit)
    .map(([key, one]) => ({ key, value: one }));
}
