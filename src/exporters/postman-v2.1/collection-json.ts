import type { Variable } from '../../collection.ts';
import { variablesAt } from '../../document/fields.ts';
import { exampleAt, folderAt, headOf, itemAt } from '../../document/v2/item.ts';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import type { Entry, Tree } from '../addition/tree.ts';

/** A collection v2.x, which may have been edited. */
export type CollectionJson = JsonObject & {
  readonly info: JsonObject;
  readonly item: readonly EntryJson[];
};

/** An item, or a folder that contains items. */
type EntryJson = JsonObject & { readonly item?: readonly EntryJson[] };

/** Reads parsed JSON as a collection; undefined if it is not a collection. */
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

/** The collection with all readable entries; unreadable ones keep their positions. */
export function treeOfJson(collection: CollectionJson): Tree {
  const { name } = collection.info as { name?: unknown };
  const head = readable(() => headOf(collection));
  return {
    head: {
      ...(head ?? { family: 'v2', name: String(name), scripts: [] }),
      variables: [],
    },
    variables: readable((): Variable[] => variablesAt(collection['variable'], 'variable')) ?? [],
    children: collection.item.map(entryOf),
  };
}

function entryOf(entry: EntryJson): Entry {
  if (entry.item !== undefined) {
    const folder = readable(() => folderAt(entry, 'folder'));
    return {
      folder: folder ?? { name: textAt(entry, 'name'), scripts: [], variables: [] },
      children: entry.item.map(entryOf),
    };
  }
  const item = readable(() => itemAt(entry, 'item'));
  if (item === undefined) return { unreadable: true };
  const examples = objectsOf(entry, 'response').flatMap(
    (example) => readable(() => exampleAt(example, 'response')) ?? [],
  );
  return { item, examples };
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
