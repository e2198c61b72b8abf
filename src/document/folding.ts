import type { Collection, CollectionEvent, Example, Folder, Item, Socket } from '../collection.ts';
import { digest } from '../content-id.ts';

/**
 * The same collection with identical items merged. Items are identical if they send the same request with the same auth,
 * scripts, variables and behavior, their own and those of the enclosing folders. The first one keeps its name and gets
 * the examples that it lacks from the others. Of identical WebSockets, the first one stays. The collection is read twice; memory holds a key for each item, and
 * the examples that move.
 */
export function foldedCollection(collection: Collection): Collection {
  return {
    async *read() {
      yield* foldedEvents(collection, await foldsIn(collection));
    },
  };
}

/** Items and WebSockets by their index in the document. */
type Folds = {
  /** The items to leave out. */
  readonly repeated: ReadonlySet<number>;
  /** The examples that an item gets from other items. */
  readonly moved: ReadonlyMap<number, readonly Example[]>;
};

async function foldsIn(collection: Collection): Promise<Folds> {
  const firsts = new Map<string, number>();
  const repeated = new Set<number>();
  const moved = new Map<number, Example[]>();
  const known = new Map<number, Set<string>>();
  const around: string[] = [];
  let item: { readonly item: Item; readonly examples: Example[] } | undefined;
  let count = 0;

  const keyOf = (one: Item, late: unknown) =>
    digest(JSON.stringify([around.join(''), one.request, saidBy(one), late]));
  const fold = (at: number, examples: readonly Example[], key: string) => {
    const first = firsts.get(key) ?? at;
    firsts.set(key, first);
    const before = known.get(first) ?? new Set();
    known.set(first, before);
    const added = examples.filter((example) => {
      const exampleKey = answerKey(example);
      const isNew = !before.has(exampleKey);
      before.add(exampleKey);
      return isNew;
    });
    if (first === at) return;
    repeated.add(at);
    if (added.length > 0) moved.set(first, [...(moved.get(first) ?? []), ...added]);
  };
  const foldSocket = (at: number, { url, headers, messages, behavior }: Socket) => {
    const key = digest(JSON.stringify([around.join(''), url, headers, messages, behavior]));
    if (firsts.has(key)) repeated.add(at);
    else firsts.set(key, at);
  };

  for await (const event of collection.read()) {
    if (event.kind === 'socket') foldSocket(count++, event.socket);
    else if (event.kind === 'folder') around.push(saidBy(event.folder));
    else if (event.kind === 'item') item = { item: event.item, examples: [] };
    else if (event.kind === 'example') item?.examples.push(event.example);
    else if (event.kind === 'end' && item === undefined) around.pop();
    else if (event.kind === 'end' && item) {
      fold(count++, item.examples, keyOf(item.item, event.scripts ?? []));
      item = undefined;
    }
  }
  return { repeated, moved };
}

/** The settings of an item or a folder that affect how requests are sent and checked; empty without any. */
function saidBy(owner: Item | Folder): string {
  const { scripts, variables, behavior } = owner;
  const auth = 'auth' in owner ? owner.auth : undefined;
  if (auth === undefined && behavior === undefined && scripts.length + variables.length === 0)
    return '';
  return JSON.stringify([auth, scripts, variables, behavior]);
}

function answerKey({ request, name, code, headers, body }: Example): string {
  return digest(JSON.stringify([request, name, code, headers, body]));
}

async function* foldedEvents(
  collection: Collection,
  { repeated, moved }: Folds,
): AsyncGenerator<CollectionEvent> {
  let item = -1;
  let isIn = false;
  for await (const event of collection.read()) {
    if (event.kind === 'socket') {
      item += 1;
      if (!repeated.has(item)) yield event;
      continue;
    }
    if (event.kind === 'item') {
      item += 1;
      isIn = true;
    }
    if (isIn && repeated.has(item)) {
      if (event.kind === 'end') isIn = false;
      continue;
    }
    if (isIn && event.kind === 'end') {
      for (const example of moved.get(item) ?? []) yield { kind: 'example', example };
      isIn = false;
    }
    yield event;
  }
}
