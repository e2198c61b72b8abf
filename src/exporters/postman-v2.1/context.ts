import { contentId } from '../../collection/identifiers.ts';
import type { Secrets } from '../../collection/secrets.ts';
import type { ExportOptions } from '../exporter.ts';

/** What the items of one collection share. */
export type RenderContext = {
  readonly options: ExportOptions;
  /** Variable names by origin; empty when hosts are written out. */
  readonly variables: ReadonlyMap<string, string>;
  readonly secrets: Secrets;
  /** The id itself the first time, another one derived from it each time it comes again. */
  uniqueId(id: string): string;
};

/** Tells equal ids apart by how often they have come. */
export function uniqueIds(): (id: string) => string {
  const seen = new Map<string, number>();
  return (id) => {
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return times === 0 ? id : contentId(id, String(times));
  };
}
