import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import { identitiesOf, indexCollection, type Place } from './collection-index.ts';
import { type CollectionJson, type EntryJson, isFolder } from './collection-json.ts';
import { answerIdentities, idsOf, saysWho, valuesOf } from './identity.ts';
import { withNamesOf } from './renaming.ts';

/** What one collection has that another lacks, and where it goes there. */
export type Addition = {
  /** Examples for items that are there. */
  readonly examples: readonly { readonly at: Place; readonly list: readonly JsonObject[] }[];
  /** Items and folders for the end of the collection or of a folder that is there. */
  readonly entries: readonly { readonly at: Place; readonly list: readonly EntryJson[] }[];
  /** Those that the examples and entries need. */
  readonly variables: readonly JsonObject[];
};

/**
 * Compares a collection with a rendering of what was recorded since.
 *
 * @param text the text of the collection that is there, in which names in braces are looked for
 */
export function planAddition(
  there: CollectionJson,
  rendered: CollectionJson,
  text: string,
): Addition {
  const incoming = withNamesOf(there, rendered, text);
  const found = findMissing(there, incoming.collection);
  const added = JSON.stringify(found);
  const isNeeded = (variable: JsonObject) => added.includes(`{{${textAt(variable, 'key')}}}`);
  return { ...found, variables: incoming.newVariables.filter(isNeeded) };
}

function findMissing(
  there: CollectionJson,
  incoming: CollectionJson,
): Pick<Addition, 'examples' | 'entries'> {
  const index = indexCollection(there);
  const values = valuesOf(incoming);
  const examples = placedLists<JsonObject>();
  const entries = placedLists<EntryJson>();

  /** What of these is not there; the answers of those that are there are put down on the way. */
  const missing = (list: readonly EntryJson[], folder: Place | undefined): EntryJson[] =>
    list.flatMap((entry) => {
      if (isFolder(entry)) return missingOf(entry, folder);
      const found = index.take(idsOf(entry), identitiesOf(entry, values));
      if (found === undefined) return [entry];
      examples.add(found.at, newAnswers(found.entry, entry));
      return [];
    });
  const missingOf = (
    folder: EntryJson & { item: readonly EntryJson[] },
    parent: Place | undefined,
  ): EntryJson[] => {
    const at = index.folder(idsOf(folder), textAt(folder, 'name'), parent);
    const list = missing(folder.item, at);
    if (at !== undefined) entries.add(at, list);
    return at !== undefined || list.length === 0 ? [] : [{ ...folder, item: list }];
  };

  entries.add([], missing(incoming.item, []));
  const placed = entries
    .all()
    .map(({ at, list }) => ({ at, list: index.inheritedAt(at) ? list.map(byItself) : list }));
  return { examples: examples.all(), entries: placed };
}

/** An entry in a folder that says who asks: the entry was recorded without knowing of it, and says all it has to say. */
function byItself(entry: EntryJson): EntryJson {
  if (saysWho(entry) !== undefined) return entry;
  if (isFolder(entry)) return { ...entry, item: entry.item.map(byItself) };
  const request = entry['request'];
  if (!isObject(request) || saysWho(request) !== undefined) return entry;
  return { ...entry, request: { ...request, auth: { type: 'noauth' } } };
}

function newAnswers(there: EntryJson, incoming: EntryJson): JsonObject[] {
  const known = new Set(objectsOf(there, 'response').flatMap(answerIdentities));
  return objectsOf(incoming, 'response').filter(
    (example) => !answerIdentities(example).some((identity) => known.has(identity)),
  );
}

/** Lists by place, in the order in which the places came; a place without anything is left out. */
function placedLists<T>() {
  const lists = new Map<string, { readonly at: Place; readonly list: T[] }>();
  return {
    add(at: Place, values: readonly T[]): void {
      if (values.length === 0) return;
      const known = lists.get(at.join()) ?? { at, list: [] };
      for (const value of values) known.list.push(value);
      lists.set(at.join(), known);
    },
    all: () => [...lists.values()],
  };
}
