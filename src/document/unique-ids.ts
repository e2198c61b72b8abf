import { contentId } from '../content-id.ts';

/** Gives the id itself the first time, and another one derived from it each time it comes again. */
export function uniqueIds(): (id: string) => string {
  const seen = new Map<string, number>();
  return (id) => {
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return times === 0 ? id : contentId(id, String(times));
  };
}
