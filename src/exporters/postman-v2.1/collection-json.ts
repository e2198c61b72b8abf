import { isObject, type JsonObject } from '../../json/object.ts';

/** A collection v2.x that somebody may have edited. */
export type CollectionJson = JsonObject & {
  readonly info: JsonObject;
  readonly item: readonly EntryJson[];
  readonly variable?: readonly JsonObject[];
};

/** An item, or a folder of them. */
export type EntryJson = JsonObject & { readonly item?: readonly EntryJson[] };

/** Reads parsed JSON as a collection; undefined where its parts are not what they have to be. */
export function asCollection(value: unknown): CollectionJson | undefined {
  if (!isObject(value) || !isObject(value['info'])) return undefined;
  if (!areEntries(value['item']) || !isAbsentOrObjects(value['variable'])) return undefined;
  return value as CollectionJson;
}

function areEntries(value: unknown): boolean {
  return Array.isArray(value) && value.every(isEntry);
}

function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  if ('item' in value) return areEntries(value['item']);
  return isAbsentOrObjects(value['response']);
}

function isAbsentOrObjects(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isObject));
}

/** Whether an entry is a folder, which has items itself. */
export function isFolder(entry: EntryJson): entry is EntryJson & { item: readonly EntryJson[] } {
  return Array.isArray(entry.item);
}
