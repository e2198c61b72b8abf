/** A collection v2.x that somebody may have edited: what is relied on is checked, the rest is taken as it comes. */
export type JsonObject = Readonly<Record<string, unknown>>;

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

/** Tells an object from everything else that JSON can hold. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects under a name; empty where there is none. */
export function objectsOf(value: JsonObject, name: string): readonly JsonObject[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A text under a name; numbers and booleans as they are written, empty for everything else. */
export function textAt(value: JsonObject, name: string): string {
  const found = value[name];
  return typeof found === 'string'
    ? found
    : found == null || typeof found === 'object'
      ? ''
      : String(found);
}

/** Whether an entry is a folder, which has items itself. */
export function isFolder(entry: EntryJson): entry is EntryJson & { item: readonly EntryJson[] } {
  return Array.isArray(entry.item);
}
