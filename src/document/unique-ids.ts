import { contentId } from '../content-id.ts';

/** Returns the id unchanged the first time, and a different derived id for each repetition. */
export function uniqueIds(): (id: string) => string {
  const seen = new Map<string, number>();
  return (id) => {
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return times === 0 ? id : contentId(id, String(times));
  };
}
