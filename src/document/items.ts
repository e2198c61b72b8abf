import type {
  Auth,
  Collection,
  CollectionEvent,
  CollectionHead,
  Example,
  Folder,
  Item,
  RecordedCall,
  Script,
  Variable,
} from '../collection.ts';

/** An item with its context, for formats that write requests one by one. */
export type PlacedItem = {
  readonly item: Item;
  readonly examples: readonly Example[];
  /** The first call of a recorded item, if the format asked for calls. */
  readonly call?: RecordedCall;
  /** The enclosing folders, outermost first. */
  readonly folders: readonly Folder[];
  /** The names of the folders and of the item. */
  readonly place: readonly string[];
  /** The auth of the item, the nearest folder or the collection; absent without authentication. */
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  /** The variables of the collection, the folders and the item, nearest last. */
  readonly variables: readonly Variable[];
};

/**
 * The steps for formats of single requests: the head, the folders as they begin, the calls of an item before the item,
 * the items, and the variables known only at the end.
 */
export type Step =
  | { readonly kind: 'head'; readonly head: CollectionHead }
  | { readonly kind: 'folder'; readonly folder: Folder; place(): readonly string[] }
  | (Extract<CollectionEvent, { kind: 'call' }> & { readonly placed: PlacedItem })
  | { readonly kind: 'item'; readonly placed: PlacedItem }
  | { readonly kind: 'finish'; readonly variables: readonly Variable[] };

type OpenItem = {
  readonly item: Item;
  readonly examples: Example[];
  call?: RecordedCall;
  /** The item with its context, if a call needed it. */
  placed?: PlacedItem;
};

/** Walks through a collection item by item; holds one item with its examples in memory. */
export async function* stepsOf(collection: Collection): AsyncGenerator<Step> {
  const folders: Folder[] = [];
  let head: CollectionHead | undefined;
  let open: OpenItem | undefined;
  for await (const event of collection.read()) {
    switch (event.kind) {
      case 'begin':
        head = event.head;
        yield { kind: 'head', head };
        break;
      case 'folder': {
        folders.push(event.folder);
        const { folder } = event;
        // Built on demand: folders may be nested extremely deeply.
        yield { kind: 'folder', folder, place: () => folders.map(({ name }) => name) };
        break;
      }
      case 'item':
        open = { item: event.item, examples: [] };
        break;
      case 'example':
        open?.examples.push(event.example);
        break;
      case 'call':
        if (open === undefined || head === undefined) break;
        open.call ??= event.call;
        open.placed ??= placed(open, head, folders);
        yield { ...event, placed: open.placed };
        break;
      case 'finish':
        yield { kind: 'finish', variables: event.variables ?? [] };
        break;
      case 'end':
        if (open === undefined) folders.pop();
        else if (head) {
          const whole = open.placed ?? placed(open, head, folders);
          const scripts = [...whole.scripts, ...(event.scripts ?? [])];
          yield { kind: 'item', placed: scripts.length === 0 ? whole : { ...whole, scripts } };
          open = undefined;
        }
    }
  }
}

/**
 * An item with its context. The members are listed one by one: an object made with rest syntax is slow to create and
 * is rarely garbage-collected, which took 150 MB for 100,000 items.
 */
function placed(
  { item, examples, call }: OpenItem,
  head: CollectionHead,
  folders: readonly Folder[],
): PlacedItem {
  const owners = [head, ...folders];
  const inherited = owners.findLast(({ auth }) => auth !== undefined)?.auth;
  const auth = item.request.auth ?? inherited;
  return {
    item,
    examples,
    ...(call && { call }),
    folders: [...folders],
    place: [...folders.map(({ name }) => name), item.name],
    ...(auth && auth.type !== 'noauth' && { auth }),
    scripts: item.scripts,
    variables: [...owners.flatMap(({ variables }) => variables), ...item.variables],
  };
}
