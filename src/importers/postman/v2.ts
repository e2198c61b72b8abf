import type { Collection, CollectionEvent } from '../../collection.ts';
import { listAt, objectAt, unexpected } from '../../document/fields.ts';
import { exampleAt, folderAt, headOf, itemAt } from '../../document/v2/item.ts';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import { attempted, type OnFault, shownPlace, toldOnce } from '../input.ts';

/** A collection, folder or item that has not been read yet. */
export type Entry = {
  /** Absent for an item. */
  readonly children?: readonly Entry[] | undefined;
  /**
   * Its JSON; for a folder and the collection, without the items.
   *
   * @param path its location in a fault: `item[0]`
   * @throws UserError if it is not JSON
   */
  parse(path: string): unknown;
  /** Adds to a fault the line where the entry begins. */
  located(fault: UserError): UserError;
};

/**
 * Reads a collection v2.0 or v2.1, one entry at a time. An unreadable entry is lost alone: an invalid example does
 * not affect its item, nor invalid folder metadata its items.
 *
 * @param onFault called once for each fault, however often the collection is read
 */
export function collectionOfV2(root: Entry, onFault: OnFault): Collection {
  const once = toldOnce(onFault);
  return { read: () => eventsOf(root, once) };
}

async function* eventsOf(root: Entry, onFault: OnFault): AsyncGenerator<CollectionEvent> {
  const { children } = root;
  const head = attempted(() => located(root, () => headAt(root, onFault)), onFault);
  yield {
    kind: 'begin',
    head: head ?? { family: 'v2', name: nameIn(root, 'info'), scripts: [], variables: [] },
  };
  const open = [{ entries: (children ?? []).entries(), path: '' }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const next = level.entries.next();
    if (next.done) {
      open.pop();
      if (open.length > 0) yield { kind: 'end' };
      continue;
    }
    const [at, entry] = next.value;
    const path = shownPlace(`${level.path}item[${at}]`);
    const inner = entry.children;
    if (inner === undefined) {
      yield* itemEvents(entry, path, onFault);
      continue;
    }
    const read = () => folderAt(objectAt(entry.parse(path), path), path);
    const folder = attempted(() => located(entry, read), onFault);
    yield { kind: 'folder', folder: folder ?? { name: nameIn(entry), scripts: [], variables: [] } };
    open.push({ entries: inner.entries(), path: `${path}.` });
  }
  yield { kind: 'finish' };
}

function headAt(root: Entry, onFault: OnFault) {
  const value = objectAt(root.parse('collection'), 'collection');
  if (root.children === undefined) throw new UserError('item is missing.');
  const schema = isObject(value['info']) ? textOf(value['info']['schema']) : '';
  const version = /\/collection\/v(\d+(?:\.\d+)*)/.exec(schema)?.[1] ?? '2';
  if (!version.startsWith('2')) {
    const said = `info.schema names version ${version}; files of versions 1, 2.0 and 2.1 are supported.`;
    onFault(root.located(new UserError(said)));
  }
  return headOf(value);
}

function* itemEvents(entry: Entry, path: string, onFault: OnFault): Generator<CollectionEvent> {
  let value: JsonObject = {};
  const read = () => {
    value = objectAt(entry.parse(path), path);
    const { item, request } = value as { item?: unknown; request?: unknown };
    if (item === undefined || request !== undefined) return itemAt(value, path);
    // A folder; where it has a list of items, they are its children.
    if (item !== null) throw unexpected(`${path}.item`, 'array', item);
    return { folder: folderAt(value, path) };
  };
  const item = attempted(() => located(entry, read), onFault);
  if (item === undefined) return;
  if ('folder' in item) {
    yield { kind: 'folder', folder: item.folder };
    yield { kind: 'end' };
    return;
  }
  yield { kind: 'item', item };
  const list = () => listAt(value['response'], `${path}.response`);
  for (const [at, given] of (attempted(() => located(entry, list), onFault) ?? []).entries()) {
    if (given === null) continue;
    const place = `${path}.response[${at}]`;
    const example = attempted(() => located(entry, () => exampleAt(given, place)), onFault);
    if (example) yield { kind: 'example', example };
  }
  yield { kind: 'end' };
}

/** The name of a folder or, in `info`, of a collection whose other members cannot be read. */
function nameIn(entry: Entry, member?: string): string {
  // The fault has already been reported.
  const value = attempted(
    () => entry.parse(''),
    () => {},
  );
  const owner = isObject(value) && member !== undefined ? value[member] : value;
  return isObject(owner) ? textOf(owner['name']) : '';
}

/** Adds the line of an entry to a fault. */
function located<T>(entry: Entry, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw entry.located(error);
    // A stack overflow.
    if (error instanceof RangeError)
      throw entry.located(new UserError('its JSON is nested too deeply.', { cause: error }));
    throw error;
  }
}

/** The entries of a parsed collection. */
export function parsedEntry(value: unknown, located: Entry['located']): Entry {
  const items = isObject(value) ? value['item'] : undefined;
  return {
    parse: () => value,
    located,
    get children() {
      return Array.isArray(items) ? items.map((one) => parsedEntry(one, located)) : undefined;
    },
  };
}
