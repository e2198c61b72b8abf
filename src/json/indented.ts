/**
 * Writes a value as in a document at this depth, one tab for each level, beginning with its own indentation.
 * JSON.stringify does the work: the value is wrapped to that depth, and unwrapped as text.
 */
export function jsonAt(depth: number, value: unknown): string {
  let wrapped: unknown = value;
  for (let level = 0; level < depth; level++) wrapped = [wrapped];
  // Each level opens and closes with a bracket, a line break and tabs: n(n+1)/2 tabs in all.
  const opening = 2 * depth + (depth * (depth - 1)) / 2;
  const text = JSON.stringify(wrapped, null, '\t');
  return text.slice(opening, text.length - opening);
}

/** Adds a member, itself written at `depth + 1`, to the end of an object that was written at `depth`. */
export function withMember(depth: number, object: string, name: string, member: string): string {
  const opened = object.slice(0, -(depth + 2));
  const tabs = '\t'.repeat(depth);
  return `${opened},\n${tabs}\t"${name}": ${member.trimStart()}\n${tabs}}`;
}

/** Indents written text by `levels` more; JSON strings contain no literal line breaks. */
export function deeper(levels: number, text: string): string {
  if (levels === 0) return text;
  const tabs = '\t'.repeat(levels);
  return tabs + text.replaceAll('\n', `\n${tabs}`);
}
