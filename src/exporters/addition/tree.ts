import type {
  Collection,
  CollectionEvent,
  CollectionHead,
  Example,
  Folder,
  Item,
  Socket,
  Variable,
} from '../../collection.ts';
import { UserError } from '../../errors.ts';

/** A collection as a whole, with the entries that it contains. */
export type Tree = {
  readonly head: CollectionHead;
  readonly variables: readonly Variable[];
  readonly children: readonly Entry[];
};

/** A folder, an item, a WebSocket, or an entry of an existing file that pmproxy cannot read and leaves as it is. */
export type Entry = FolderEntry | ItemEntry | SocketEntry | { readonly unreadable: true };

export type FolderEntry = { readonly folder: Folder; readonly children: readonly Entry[] };

export type ItemEntry = { readonly item: Item; readonly examples: readonly Example[] };

export type SocketEntry = { readonly socket: Socket };

/** Where an entry is: its index in the collection, then in each folder. The collection itself is the empty list. */
export type Place = readonly number[];

/** Tells a folder from an item. */
export function isFolder(entry: Entry): entry is FolderEntry {
  return 'folder' in entry;
}

/** Tells an item from other entries. */
export function isItem(entry: Entry): entry is ItemEntry {
  return 'item' in entry;
}

/** Tells a WebSocket from other entries. */
export function isSocket(entry: Entry): entry is SocketEntry {
  return 'socket' in entry;
}

/** Deeper nesting of folders is refused: the functions that compare trees recurse for each folder. */
const DEEPEST = 500;

/**
 * Reads a collection as a whole.
 *
 * @throws UserError if its folders are nested more than 500 deep
 */
export async function treeOf(collection: Collection): Promise<Tree> {
  let head: CollectionHead = { family: 'v2', name: '', scripts: [], variables: [] };
  let variables: readonly Variable[] = [];
  const lists: Entry[][] = [[]];
  let open: { item: Item; readonly examples: Example[] } | undefined;
  for await (const event of collection.read()) {
    switch (event.kind) {
      case 'begin':
        head = event.head;
        break;
      case 'folder': {
        const children: Entry[] = [];
        lists.at(-1)?.push({ folder: event.folder, children });
        lists.push(children);
        if (lists.length <= DEEPEST) break;
        throw new UserError(
          `Cannot append this collection: its folders are nested more than ${DEEPEST} levels deep.`,
        );
      }
      case 'item':
        open = { item: event.item, examples: [] };
        lists.at(-1)?.push(open);
        break;
      case 'socket':
        lists.at(-1)?.push({ socket: event.socket });
        break;
      case 'example':
        open?.examples.push(event.example);
        break;
      case 'end':
        if (open === undefined) lists.pop();
        else if (event.scripts) {
          open.item = { ...open.item, scripts: [...open.item.scripts, ...event.scripts] };
        }
        open = undefined;
        break;
      case 'finish':
        variables = [...head.variables, ...(event.variables ?? [])];
    }
  }
  return { head: { ...head, variables: [] }, variables, children: lists[0] ?? [] };
}

/** The events of a collection between its beginning and its end. */
export type EntryEvent = Exclude<CollectionEvent, { kind: 'begin' | 'finish' | 'call' }>;

/** Yields entries as events of a collection. */
export function* entryEvents(entries: readonly Entry[]): Generator<EntryEvent> {
  for (const entry of entries) {
    if (isFolder(entry)) {
      yield { kind: 'folder', folder: entry.folder };
      yield* entryEvents(entry.children);
      yield { kind: 'end' };
    } else if (isItem(entry)) {
      yield { kind: 'item', item: entry.item };
      for (const example of entry.examples) yield { kind: 'example', example };
      yield { kind: 'end' };
    } else if (isSocket(entry)) {
      yield { kind: 'socket', socket: entry.socket };
    }
  }
}
