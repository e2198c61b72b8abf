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
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import { attempted, type OnFault, toldOnce } from '../input.ts';
import { examplesAt } from './v1-example.ts';
import { itemAt, savedScripts } from './v1-request.ts';

const FOLDER = names(
  'id name description order folders_order folders requests auth events variables ' +
    'protocolProfileBehavior tests preRequestScript',
);

/**
 * Reads a collection v1, including that of PostmanProxy (2013). The collection and its folders define the order; folders
 * and requests that they do not list come last.
 *
 * @param onFault called once for each fault
 * @throws UserError if it is not a collection
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
  const listed = attempted(() => listAt(root['folders'], 'folders'), onFault) ?? [];
  const folders = byId(listed, 'folders');
  const take = (from: Map<string, Placed>, id: unknown): Placed[] => {
    const found = from.get(textOf(id));
    from.delete(textOf(id));
    return found ? [found] : [];
  };
  const idsIn = (owner: JsonObject, name: string) => {
    const list = owner[name];
    return Array.isArray(list) ? list : [];
  };
  const inside = (owner: JsonObject): Step[] => [
    // The app shows folders above requests.
    ...idsIn(owner, 'folders_order').map((id): Step => ({ folder: id })),
    ...idsIn(owner, 'order').map((id): Step => ({ request: id })),
  ];
  const head = attempted((): CollectionHead => ({ family: 'v1', ...folderAt(root, '') }), onFault);
  yield { kind: 'begin', head: head ?? { family: 'v1', ...bareFolder(root) } };
  /** Remaining steps, the next one last: the nesting depth comes from data and must not use the call stack. */
  const steps = inside(root).toReversed();
  for (;;) {
    const step = steps.pop() ?? rest(folders, left);
    if (step === undefined) break;
    if ('end' in step) yield { kind: 'end' };
    if ('request' in step)
      for (const request of take(left, step.request)) yield* itemEvents(request, onFault);
    if (!('folder' in step)) continue;
    for (const { entry, path } of take(folders, step.folder)) {
      const folder = attempted(() => folderAt(objectAt(entry, path), path), onFault);
      if (!isObject(entry)) continue;
      yield { kind: 'folder', folder: folder ?? bareFolder(entry) };
      steps.push({ end: true });
      for (const inner of inside(entry).toReversed()) steps.push(inner);
    }
  }
  yield { kind: 'finish' };
}

type Step = { readonly folder: unknown } | { readonly request: unknown } | { readonly end: true };

/** Folders and requests that are not listed come last. */
function rest(
  folders: ReadonlyMap<string, Placed>,
  requests: ReadonlyMap<string, Placed>,
): Step | undefined {
  for (const folder of folders.keys()) return { folder };
  for (const request of requests.keys()) return { request };
  return undefined;
}

/** Entries by id; an entry with a missing or repeated id gets an index as its key. */
function byId(entries: readonly unknown[], list: string): Map<string, Placed> {
  const found = new Map<string, Placed>();
  for (const [at, entry] of entries.entries()) {
    const id = isObject(entry) ? textOf(entry['id']) : '';
    const key = id === '' || found.has(id) ? `${list}[${at}]` : id;
    found.set(key, { entry, path: `${list}[${at}]` });
  }
  return found;
}

/** If a folder cannot be read, its name is kept. */
function bareFolder(folder: JsonObject): Folder {
  return { name: textOf(folder['name']), scripts: [], variables: [] };
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
