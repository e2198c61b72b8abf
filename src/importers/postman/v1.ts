import type { Collection, CollectionEvent, CollectionHead, Folder } from '../../collection.ts';
import {
  authAt,
  descriptionOf,
  extraOf,
  listAt,
  names,
  objectAt,
  optionalObject,
  textMember,
  variablesAt,
} from '../../document/fields.ts';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import { attempted, DEEPEST, type OnFault, toldOnce } from '../input.ts';
import { examplesAt } from './v1-example.ts';
import { itemAt, savedScripts } from './v1-request.ts';

const FOLDER = names(
  'id name description order folders_order folders requests auth events variables ' +
    'protocolProfileBehavior tests preRequestScript',
);

/**
 * Reads a collection v1, that of PostmanProxy (2013) too. The order is that which the collection and its folders name;
 * folders and requests that none names come last.
 *
 * @param onFault told once of each fault
 * @throws UserError when it is none
 */
export function collectionOfV1(given: unknown, onFault: OnFault): Collection {
  const root = objectAt(given, 'collection');
  const requests = listAt(root['requests'], 'requests');
  const once = toldOnce(onFault);
  return { read: () => eventsOf(root, requests, once) };
}

type Placed = { readonly entry: unknown; readonly path: string };

async function* eventsOf(
  root: JsonObject,
  requests: readonly unknown[],
  onFault: OnFault,
): AsyncGenerator<CollectionEvent> {
  const left = byId(requests, 'requests');
  const folders = byId(listAt(root['folders'], 'folders'), 'folders');
  const take = (from: Map<string, Placed>, id: unknown): Placed[] => {
    const found = from.get(textOf(id));
    from.delete(textOf(id));
    return found ? [found] : [];
  };
  const idsIn = (owner: JsonObject, name: string) => {
    const list = owner[name];
    return Array.isArray(list) ? list : [];
  };
  function* inside(owner: JsonObject, depth: number): Generator<CollectionEvent> {
    // The app shows folders above requests.
    for (const id of idsIn(owner, 'folders_order'))
      for (const folder of take(folders, id)) yield* folderEvents(folder, depth + 1);
    for (const id of idsIn(owner, 'order'))
      for (const request of take(left, id)) yield* itemEvents(request, onFault);
  }
  function* folderEvents({ entry, path }: Placed, depth: number): Generator<CollectionEvent> {
    if (depth > DEEPEST) {
      onFault(new UserError(`${path} is nested too deeply.`));
      return;
    }
    const folder = attempted(() => folderAt(objectAt(entry, path), path), onFault);
    yield { kind: 'folder', folder: folder ?? { name: '', scripts: [], variables: [] } };
    if (isObject(entry)) yield* inside(entry, depth);
    yield { kind: 'end' };
  }
  const head = attempted((): CollectionHead => ({ family: 'v1', ...folderAt(root, '') }), onFault);
  yield { kind: 'begin', head: head ?? { family: 'v1', name: '', scripts: [], variables: [] } };
  yield* inside(root, 0);
  for (const id of [...folders.keys()])
    for (const folder of take(folders, id)) yield* folderEvents(folder, 1);
  for (const id of [...left.keys()])
    for (const request of take(left, id)) yield* itemEvents(request, onFault);
  yield { kind: 'finish' };
}

/** Entries by their ids; one without an id, or with an id that came before, goes by its place. */
function byId(entries: readonly unknown[], list: string): Map<string, Placed> {
  const found = new Map<string, Placed>();
  for (const [at, entry] of entries.entries()) {
    const id = isObject(entry) ? textOf(entry['id']) : '';
    const key = id === '' || found.has(id) ? `${list}[${at}]` : id;
    found.set(key, { entry, path: `${list}[${at}]` });
  }
  return found;
}

function folderAt(folder: JsonObject, path: string): Folder {
  const place = path === '' ? '' : `${path}.`;
  const { tests, preRequestScript } = folder as { [name: string]: unknown };
  const behavior = optionalObject(
    folder['protocolProfileBehavior'],
    `${place}protocolProfileBehavior`,
  );
  return {
    name: textOf(folder['name']),
    ...textMember('id', folder['id']),
    ...descriptionOf(folder['description']),
    ...authAt(folder['auth'], `${place}auth`),
    scripts: savedScripts(folder['events'], { tests, preRequestScript }, `${place}events`),
    variables: variablesAt(folder['variables'], `${place}variables`),
    ...(behavior && { behavior }),
    ...extraOf(folder, FOLDER),
  };
}

function* itemEvents({ entry, path }: Placed, onFault: OnFault): Generator<CollectionEvent> {
  const item = attempted(() => itemAt(objectAt(entry, path), path), onFault);
  if (item === undefined) return;
  yield { kind: 'item', item };
  for (const example of examplesAt(entry, path, onFault)) yield { kind: 'example', example };
  yield { kind: 'end' };
}
