import type { OnLoss } from '../../document/losses.ts';
import { isObject, type JsonObject, objectsOf, textAt } from '../../json/object.ts';
import { identitiesOf, indexCollection, type Place } from './collection-index.ts';
import { type CollectionJson, type EntryJson, isFolder } from './collection-json.ts';
import { answerIdentities, idsOf, saysWho, valuesOf } from './identity.ts';
import { withNamesOf } from './renaming.ts';
import { inOwnFolder, settingsOf } from './settings.ts';

/** What one collection has that another lacks, and where it goes there. */
export type Addition = {
  /** Examples for items that are there. */
  readonly examples: readonly { readonly at: Place; readonly list: readonly JsonObject[] }[];
  /** Items and folders for the end of the collection or of a folder that is there. */
  readonly entries: readonly { readonly at: Place; readonly list: readonly EntryJson[] }[];
  /** Those that the examples and entries need. */
  readonly variables: readonly JsonObject[];
};

/** What a folder that is there says is left as it is. */
const KIND = 'auth, scripts and settings of folders that are there';

/**
 * Compares a collection with a rendering of what was recorded since, or with one that somebody wrote.
 *
 * @param text the text of the collection that is there, in which names in braces are looked for
 */
export function planAddition(
  there: CollectionJson,
  rendered: CollectionJson,
  text: string,
  onLoss: OnLoss = () => {},
): Addition {
  const incoming = withNamesOf(there, inOwnFolder(there, rendered), text);
  const found = findMissing(there, incoming.collection, onLoss);
  const added = JSON.stringify(found);
  const isNeeded = (variable: JsonObject) => isNamedIn(added, textAt(variable, 'key'));
  return { ...found, variables: incoming.newVariables.filter(isNeeded) };
}

/** In braces, or in quotes as scripts have it. */
function isNamedIn(json: string, name: string): boolean {
  return [`{{${name}}}`, `'${name}'`, `\\"${name}\\"`, `\`${name}\``].some((one) =>
    json.includes(one),
  );
}

function findMissing(
  there: CollectionJson,
  incoming: CollectionJson,
  onLoss: OnLoss,
): Pick<Addition, 'examples' | 'entries'> {
  const index = indexCollection(there);
  const values = valuesOf(incoming);
  const examples = placedLists<JsonObject>();
  const entries = placedLists<EntryJson>();

  const add = (at: Place, list: readonly EntryJson[], inherited: boolean) =>
    entries.add(at, index.inheritedAt(at) && !inherited ? list.map(byItself) : list);

  /**
   * What of these is not there; the answers of those that are there are put down on the way.
   *
   * @param inherited whether a folder around them, or their collection, says who asks
   */
  const missing = (
    list: readonly EntryJson[],
    folder: Place | undefined,
    inherited: boolean,
    names: readonly string[],
  ): EntryJson[] =>
    list.flatMap((entry) => {
      if (isFolder(entry)) return missingOf(entry, folder, inherited, names);
      const found = index.take(idsOf(entry), identitiesOf(entry, values, inherited));
      if (found === undefined) return [entry];
      examples.add(found.at, newAnswers(found.entry, entry));
      return [];
    });
  const missingOf = (
    folder: EntryJson & { item: readonly EntryJson[] },
    parent: Place | undefined,
    around: boolean,
    names: readonly string[],
  ): EntryJson[] => {
    const name = textAt(folder, 'name');
    const place = [...names, name];
    const inherited = saysWho(folder) ?? around;
    const known = index.folder(idsOf(folder), name, parent);
    const list = missing(folder.item, known?.at, inherited, place);
    if (known !== undefined) {
      const said = settingsOf(folder);
      const isLost = said !== undefined && said !== settingsOf(known.entry);
      if (isLost && list.length > 0) onLoss({ kind: KIND, place });
      add(known.at, list, inherited);
      return [];
    }
    // One that holds nothing is somebody's wish; one all of which is there is not.
    return list.length === 0 && folder.item.length > 0 ? [] : [{ ...folder, item: list }];
  };

  const inherited = saysWho(incoming) ?? false;
  add([], missing(incoming.item, [], inherited, []), inherited);
  return { examples: examples.all(), entries: entries.all() };
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
