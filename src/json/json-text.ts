/**
 * Writes a value from JSON.parse as JSON.stringify does (ECMA-262, 25.5.2), at any depth: JSON.stringify calls
 * itself for each level and runs out of stack at some thousands; JSON.parse does not.
 */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return deepText(value);
  }
}

/** An object or array that is being written. */
type Open = {
  readonly entries: readonly (readonly [name: string, member: unknown])[];
  readonly isArray: boolean;
  next: number;
};

function deepText(value: unknown): string {
  const pieces: string[] = [];
  const open: Open[] = [];
  const begin = (member: unknown): void => {
    if (typeof member !== 'object' || member === null) {
      pieces.push(JSON.stringify(member));
      return;
    }
    const isArray = Array.isArray(member);
    pieces.push(isArray ? '[' : '{');
    open.push({ entries: Object.entries(member), isArray, next: 0 });
  };
  begin(value);
  for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
    const entry = at.entries[at.next];
    if (entry === undefined) {
      pieces.push(at.isArray ? ']' : '}');
      open.pop();
      continue;
    }
    const [name, member] = entry;
    if (at.next > 0) pieces.push(',');
    if (!at.isArray) pieces.push(`${JSON.stringify(name)}:`);
    at.next += 1;
    begin(member);
  }
  return pieces.join('');
}
