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

/** An item with what is around it, for formats that write requests one by one. */
export type PlacedItem = {
  readonly item: Item;
  readonly examples: readonly Example[];
  /** The first call of a recorded item, where a format asked for calls. */
  readonly call?: RecordedCall;
  /** The folders around it, the outermost first. */
  readonly folders: readonly Folder[];
  /** The names of the folders and its own. */
  readonly place: readonly string[];
  /** Its own auth, or that of the nearest folder, or of the collection; absent where nobody asks. */
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  /** Those of the collection, of the folders and its own, the nearest last. */
  readonly variables: readonly Variable[];
};

/**
 * The steps that formats of single requests take: the head, the folders as they begin, the calls of an item before it,
 * the items, and the variables that were only known at the end.
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
  /** With what is around it, where that was needed for a call. */
  placed?: PlacedItem;
};

/** Walks through a collection item by item; an item is held with its examples. */
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
        // Made when it is asked for: folders may be nested deeper than anybody writes.
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
 * An item with what is around it. Its members are named one by one: an object made of the rest of another is slow to make
 * and lies where garbage is seldom collected, which took 150 MB for 100,000 items.
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
