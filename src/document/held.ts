import type { Collection, CollectionEvent } from '../collection.ts';

/** The same collection, read once and kept in memory, for outputs that need all of it more than once. */
export async function heldCollection(collection: Collection): Promise<Collection> {
  const events: CollectionEvent[] = [];
  for await (const event of collection.read()) events.push(event);
  return {
    async *read() {
      yield* events;
    },
  };
}
