import type { Finding, Said } from './finding.ts';

/** Reports new entries; a missing entry may be chance if there are several. */
export function setFindings(
  kind: Finding['kind'],
  place: string,
  old: ReadonlySet<string>,
  now: ReadonlySet<string>,
): Said[] {
  const fresh = [...now].filter((one) => !old.has(one));
  if (old.size === 0 || fresh.length === 0) return [];
  const gone = [...old].filter((one) => !now.has(one));
  const words = (list: string[]) => list.map((one) => one || 'none').join(', ');
  return [{ kind, place, old: words(gone.length > 0 ? gone : [...old]), new: words(fresh) }];
}
