/**
 * Writes a value as it stands in a document at this depth, one tab for each level, beginning with its own indentation.
 * JSON.stringify does the work: the value is wrapped as deep as it shall stand, and unwrapped as text.
 */
export function jsonAt(depth: number, value: unknown): string {
  let wrapped: unknown = value;
  for (let level = 0; level < depth; level++) wrapped = [wrapped];
  // Each level opens and closes with a bracket, a line break and tabs: n(n+1)/2 tabs in all.
  const opening = 2 * depth + (depth * (depth - 1)) / 2;
  const text = JSON.stringify(wrapped, null, '\t');
  return text.slice(opening, text.length - opening);
}

/** The same for an object to which members are to be added: without its closing brace. */
export function openObjectAt(depth: number, value: object): string {
  return jsonAt(depth, value).slice(0, -(depth + 2));
}
