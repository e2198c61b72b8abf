/** The path to a value in JSON: member names and indices. */
export type JsonPath = readonly (string | number)[];

/** A string, number, boolean or null in JSON, and its path. */
export type JsonLeaf = {
  readonly path: JsonPath;
  readonly value: string | number | boolean | null;
};

/** Deeper nesting is data and is not searched. */
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

/** Whether a parsed JSON value has more levels of objects and arrays than this. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** Parses JSON; undefined for everything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
