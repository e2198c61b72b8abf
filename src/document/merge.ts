import type {
  Collection,
  CollectionEvent,
  CollectionHead,
  Family,
  Variable,
} from '../collection.ts';
import { textOf } from '../json/object.ts';

/** The same collection with another name. */
export function renamedCollection(collection: Collection, name: string): Collection {
  return {
    async *read() {
      for await (const event of collection.read()) {
        yield event.kind === 'begin' ? { kind: 'begin', head: { ...event.head, name } } : event;
      }
    },
  };
}

/**
 * Merges collections into one: each becomes a folder with the settings of the collection. The variables of all are
 * combined; the first variable with a name wins.
 *
 * @param onConflict called for each variable that a later collection sets differently, with that collection's name
 */
export function mergedCollection(
  collections: readonly Collection[],
  name: string,
  onConflict: (variable: string, collection: string) => void,
): Collection {
  return { read: () => mergedEvents(collections, name, onConflict) };
}

async function* mergedEvents(
  collections: readonly Collection[],
  name: string,
  onConflict: (variable: string, collection: string) => void,
): AsyncGenerator<CollectionEvent> {
  const variables = new Map<string, Variable>();
  const take = (added: readonly Variable[], head: CollectionHead | undefined) => {
    for (const variable of added) {
      const known = variables.get(variable.key);
      if (known === undefined) variables.set(variable.key, variable);
      else if (textOf(known.value) !== textOf(variable.value))
        onConflict(variable.key, head?.name ?? '');
    }
  };
  const family = commonFamily(await Promise.all(collections.map(familyOf)));
  yield { kind: 'begin', head: { family, name, scripts: [], variables: [] } };
  for (const collection of collections) {
    let head: CollectionHead | undefined;
    for await (const event of collection.read()) {
      if (event.kind === 'begin') {
        head = event.head;
        take(head.variables, head);
        const { family: _, recorded: __, info: ___, ...folder } = head;
        yield { kind: 'folder', folder: { ...folder, variables: [] } };
      } else if (event.kind === 'finish') {
        take(event.variables ?? [], head);
        yield { kind: 'end' };
      } else yield event;
    }
  }
  yield { kind: 'finish', variables: [...variables.values()] };
}

/** A collection made from a recording has no unknown fields, so it fits every family. */
async function familyOf(collection: Collection): Promise<Family | undefined> {
  for await (const event of collection.read())
    if (event.kind === 'begin') return event.head.recorded ? undefined : event.head.family;
  return undefined;
}

function commonFamily(families: readonly (Family | undefined)[]): Family {
  const [first = 'v2', ...others] = new Set(families.filter((family) => family !== undefined));
  return others.length === 0 ? first : 'mixed';
}
