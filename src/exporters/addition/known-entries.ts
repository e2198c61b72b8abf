import {
  endpointIdentity,
  hasCredentials,
  idsOf,
  type Requested,
  requestIdentity,
  socketIdentity,
  type Values,
  valuesOf,
} from './identity.ts';
import {
  type Entry,
  type FolderEntry,
  type ItemEntry,
  isFolder,
  isItem,
  isSocket,
  type Place,
  type SocketEntry,
  type Tree,
} from './tree.ts';

/** An entry of a collection and where it is. */
type Found<T> = { readonly at: Place; readonly entry: T };

/** Finds the entries of a collection that are also in another one. */
export type KnownEntries = {
  /** Returns an item with one of these ids, otherwise the first untaken one with one of these identities. */
  take(ids: readonly string[], identities: readonly string[]): FoundItem | undefined;
  /** Returns the WebSocket with one of these ids, otherwise the first untaken one with this identity. */
  takeSocket(ids: readonly string[], identity: string): Found<SocketEntry> | undefined;
  /** Returns the folder with one of these ids, otherwise the one of this name in the folder at `parent`. */
  folder(
    ids: readonly string[],
    name: string,
    parent: Place | undefined,
  ): Found<FolderEntry> | undefined;
  /** Whether a request in this folder inherits credentials. */
  inheritedAt(folder: Place): boolean;
};

export type FoundItem = Found<ItemEntry> & {
  /** A folder around it, or the collection, has credentials. */
  readonly inherited: boolean;
};

/** Reads a collection once and remembers where its items and folders are. */
export function knownEntries({ head, variables, children }: Tree): KnownEntries {
  const values = valuesOf(variables);
  const itemsById = new Map<string, FoundItem>();
  const foldersById = new Map<string, Found<FolderEntry>>();
  const byRequest = new Map<string, FoundItem[]>();
  const socketsById = new Map<string, Found<SocketEntry>>();
  const sockets = new Map<string, Found<SocketEntry>[]>();
  const byName = new Map<string, Found<FolderEntry>>();
  const inheritedAt = new Map([['', hasCredentials(head) ?? false]]);

  function addFolder(entry: FolderEntry, at: Place, around: boolean): void {
    const found = { at, entry };
    for (const id of idsOf(entry.folder)) if (!foldersById.has(id)) foldersById.set(id, found);
    const key = nameKey(entry.folder.name, at.slice(0, -1));
    if (!byName.has(key)) byName.set(key, found);
    const inherited = hasCredentials(entry.folder) ?? around;
    inheritedAt.set(at.join(), inherited);
    addAll(entry.children, at, inherited);
  }
  function addItem(entry: ItemEntry, at: Place, inherited: boolean): void {
    const found = { at, entry, inherited };
    for (const id of idsOf(entry.item)) if (!itemsById.has(id)) itemsById.set(id, found);
    for (const identity of identitiesOf(entry.item, values, inherited)) {
      const same = byRequest.get(identity);
      if (same === undefined) byRequest.set(identity, [found]);
      else same.push(found);
    }
  }
  function addSocket(entry: SocketEntry, at: Place): void {
    const found = { at, entry };
    for (const id of idsOf(entry.socket)) if (!socketsById.has(id)) socketsById.set(id, found);
    const identity = socketIdentity(entry.socket, values);
    sockets.set(identity, [...(sockets.get(identity) ?? []), found]);
  }
  function addAll(entries: readonly Entry[], place: Place, inherited: boolean): void {
    for (const [index, entry] of entries.entries()) {
      if (isFolder(entry)) addFolder(entry, [...place, index], inherited);
      else if (isItem(entry)) addItem(entry, [...place, index], inherited);
      else if (isSocket(entry)) addSocket(entry, [...place, index]);
    }
  }
  addAll(children, [], hasCredentials(head) ?? false);

  const taken = new Set<FoundItem | Found<SocketEntry>>();
  return {
    take(ids, identities) {
      const same = identities.flatMap((identity) => byRequest.get(identity) ?? []);
      const found = firstIn(itemsById, ids) ?? same.find((candidate) => !taken.has(candidate));
      if (found !== undefined) taken.add(found);
      return found;
    },
    takeSocket(ids, identity) {
      const found =
        firstIn(socketsById, ids) ??
        sockets.get(identity)?.find((candidate) => !taken.has(candidate));
      if (found !== undefined) taken.add(found);
      return found;
    },
    folder(ids, name, parent) {
      return firstIn(foldersById, ids) ?? (parent && byName.get(nameKey(name, parent)));
    },
    inheritedAt: (folder) => inheritedAt.get(folder.join()) ?? false,
  };
}

function firstIn<T>(known: ReadonlyMap<string, T>, keys: readonly string[]): T | undefined {
  return keys.map((key) => known.get(key)).find((found) => found !== undefined);
}

/** Identities of an item for use without its id, the best first. */
export function identitiesOf(item: Requested, values: Values, inherited = false): string[] {
  const endpoint = endpointIdentity(item.request, values);
  const whole = requestIdentity(item, values, inherited);
  return endpoint === undefined ? [whole] : [whole, endpoint];
}

function nameKey(name: string, parent: Place): string {
  return JSON.stringify([parent, name]);
}
