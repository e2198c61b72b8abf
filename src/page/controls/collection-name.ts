/**
 * Why this is no name for a collection; undefined when it is one. A file is named after it, so it follows what files
 * may be called on every system.
 */
export function nameFault(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'Give it a name.';
  if (trimmed.length > 100) return 'At most 100 characters.';
  if (trimmed.startsWith('.')) return 'It cannot begin with a dot.';
  const [bad] = /[/\\:*?"<>|]|\p{Cc}/u.exec(trimmed) ?? [];
  if (bad === undefined) return undefined;
  return /\p{Cc}/u.test(bad) ? 'It cannot hold control characters.' : `It cannot hold ${bad}`;
}
