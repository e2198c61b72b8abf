/**
 * Why a text is not a valid name for a collection; undefined when it is valid. The name becomes a file name, so the rules
 * are those of file names on every system.
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
