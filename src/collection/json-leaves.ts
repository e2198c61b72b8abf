/** The way to a value in JSON: member names and indices. */
export type JsonPath = readonly (string | number)[];

/** A text, number, truth value or null in JSON, and where it stands. */
export type JsonLeaf = {
  readonly path: JsonPath;
  readonly value: string | number | boolean | null;
};

/** Nesting beyond this is data nobody looks into. */
const DEEPEST = 20;

/** The leaves of a parsed JSON value in document order, at most `limit` of them. */
export function jsonLeaves(root: unknown, limit: number): JsonLeaf[] {
  const leaves: JsonLeaf[] = [];
  const visit = (value: unknown, path: JsonPath): void => {
    if (leaves.length >= limit || path.length > DEEPEST) return;
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) visit(element, [...path, index]);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, [...path, name]);
    } else if (isScalar(value)) leaves.push({ path, value });
  };
  visit(root, []);
  return leaves;
}

function isScalar(value: unknown): value is JsonLeaf['value'] {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Parses JSON; undefined for everything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
