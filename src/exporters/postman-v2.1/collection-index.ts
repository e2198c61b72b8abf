import { textAt } from '../../json/object.ts';
import { type CollectionJson, type EntryJson, isFolder } from './collection-json.ts';
import {
  endpointIdentity,
  idsOf,
  requestIdentity,
  saysWho,
  type Values,
  valuesOf,
} from './identity.ts';

/** Where an entry is: its index in the collection, then in each folder. The collection itself is the empty list. */
export type Place = readonly number[];

/** An entry of a collection and where it is. */
type Found = {
  readonly at: Place;
  readonly entry: EntryJson;
  /** A folder around it, or the collection, says who asks. */
  readonly inherited: boolean;
};

/** Finds entries of a collection again in what was rendered later. */
export type CollectionIndex = {
  /** An item with one of these ids, otherwise the first that is known by one of these and that nobody has taken yet. */
  take(ids: readonly string[], identities: readonly string[]): Found | undefined;
  /** The folder with one of these ids, otherwise the one of this name in the folder at `parent`. */
  folder(ids: readonly string[], name: string, parent: Place | undefined): Found | undefined;
  /** Whether who asks is said for all that is put into this folder. */
  inheritedAt(folder: Place): boolean;
};

/** Reads a collection once and remembers where its items and folders are. */
export function indexCollection(collection: CollectionJson): CollectionIndex {
  const values = valuesOf(collection);
  const byId = new Map<string, Found>();
  const byRequest = new Map<string, Found[]>();
  const byName = new Map<string, Found>();
  const saidAt = new Map([['', saysWho(collection) ?? false]]);
  for (const found of entriesOf(collection.item, [], saidAt.get('') ?? false)) {
    const { entry, at } = found;
    for (const id of idsOf(entry)) if (!byId.has(id)) byId.set(id, found);
    if (isFolder(entry)) {
      const key = nameKey(textAt(entry, 'name'), at.slice(0, -1));
      if (!byName.has(key)) byName.set(key, found);
      saidAt.set(at.join(), saysWho(entry) ?? found.inherited);
      continue;
    }
    for (const identity of identitiesOf(entry, values, found.inherited)) {
      const same = byRequest.get(identity);
      if (same === undefined) byRequest.set(identity, [found]);
      else same.push(found);
    }
  }

  const taken = new Set<Found>();
  const known = (ids: readonly string[], folders: boolean): Found | undefined =>
    ids.map((id) => byId.get(id)).find((found) => found && isFolder(found.entry) === folders);
  return {
    take(ids, identities) {
      const same = identities.flatMap((identity) => byRequest.get(identity) ?? []);
      const found = known(ids, false) ?? same.find((candidate) => !taken.has(candidate));
      if (found !== undefined) taken.add(found);
      return found;
    },
    folder(ids, name, parent) {
      return known(ids, true) ?? (parent && byName.get(nameKey(name, parent)));
    },
    inheritedAt: (folder) => saidAt.get(folder.join()) ?? false,
  };
}

/** What an item may be known by where its id is lost, the best first. */
export function identitiesOf(item: EntryJson, values: Values, inherited = false): string[] {
  const request = item['request'];
  const endpoint = endpointIdentity(request, values);
  const whole = requestIdentity(request, values, inherited);
  return endpoint === undefined ? [whole] : [whole, endpoint];
}

function nameKey(name: string, parent: Place): string {
  return JSON.stringify([parent, name]);
}

function* entriesOf(
  entries: readonly EntryJson[],
  place: Place,
  inherited: boolean,
): Iterable<Found> {
  for (const [index, entry] of entries.entries()) {
    const at = [...place, index];
    yield { at, entry, inherited };
    if (isFolder(entry)) yield* entriesOf(entry.item, at, saysWho(entry) ?? inherited);
  }
}
