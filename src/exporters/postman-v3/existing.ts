import type { CollectionHead, Example, Folder, SocketMessage } from '../../collection.ts';
import { folderAt, isHttp, isSocket } from '../../document/v3/folder.ts';
import { exampleAt, itemAt } from '../../document/v3/item.ts';
import { messageAt, socketAt } from '../../document/v3/socket.ts';
import { parsedYaml } from '../../document/v3/yaml.ts';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import type { Entry, Place, Tree } from '../addition/tree.ts';
import { DEFINITION } from './definition.ts';
import { fileNames } from './file-names.ts';
import { folderNames } from './files.ts';
import { foldersIn, type NamedPath, type RequestPaths } from './layout.ts';
import type { OpenExamples, OpenFolder } from './open-folder.ts';

/** An existing collection v3, and the places for additions. */
export type ExistingCollection = {
  readonly tree: Tree;
  folderAt(place: Place): OpenFolder;
  itemAt(place: Place): ExistingItem;
};

export type ExistingItem = {
  /** Its parent folder, with a trailing slash; empty for the collection itself. */
  readonly folder: string;
  /** The path of its file. */
  readonly path: string;
  readonly examples: OpenExamples;
  /** Of a WebSocket. */
  readonly messages: OpenExamples;
};

/** A child of a folder: a request or a folder. */
type Child = {
  readonly order: number;
  readonly entry: Entry;
  readonly folder?: ReadFolder;
  readonly item?: ExistingItem;
};

type ReadFolder = { readonly open: OpenFolder; readonly children: readonly Child[] };

/**
 * Reads the files of a collection v3. An entry that is valid YAML but otherwise invalid keeps its position.
 *
 * @param files the YAML files by their paths in the collection
 * @throws UserError if one of them is not YAML
 */
export function readExisting(files: ReadonlyMap<string, string>): ExistingCollection {
  const folders = foldersIn(files.keys());
  const document = (path: string) => documentOf(path, files.get(path));

  function readFolder(path: string): ReadFolder {
    const { names, requests } = folders.get(path) ?? { names: [], requests: [] };
    const children = [
      ...names.map((name) => readChild(path, name)),
      ...requests.map((request) => readItem(path, request)),
    ].sort((a, b) => a.order - b.order);
    const taken = requests.map(({ name }) => name);
    const order = children.at(-1)?.order ?? 0;
    return {
      open: { path, folders: folderNames(names), requests: fileNames(taken), order },
      children,
    };
  }

  function readChild(parent: string, name: string): Child {
    const path = `${parent}${name}/`;
    const definition = document(path + DEFINITION);
    const folder = readFolder(path);
    const children = folder.children.map(({ entry }) => entry);
    const entry = { folder: ownerIn(definition, name), children };
    return { order: orderIn(definition), entry, folder };
  }

  function readItem(folder: string, paths: RequestPaths): Child {
    const { name, path } = paths;
    const request = document(path);
    const examples = filesAt(paths.examples, exampleAt);
    const messages = filesAt(paths.messages, messageAt);
    return {
      order: orderIn(request),
      entry: entryIn(request, name, { examples: examples.values, messages: messages.values }),
      item: { folder, path, examples: examples.open(name), messages: messages.open(name) },
    };
  }

  /** Reads what belongs to a request, and where more can be added. */
  function filesAt<T>(paths: readonly NamedPath[], read: (one: JsonObject, name: string) => T) {
    const files = paths.map(({ name, path }) => ({ name, document: document(path) }));
    const names = fileNames(files.map(({ name }) => name));
    const order = files.reduce((last, file) => Math.max(last, orderIn(file.document)), 0);
    return {
      values: files.flatMap((file) => readable(() => read(file.document, file.name)) ?? []),
      open: (request: string): OpenExamples => ({ request, names, order }),
    };
  }

  const root = readFolder('');
  const owner = ownerIn(document(DEFINITION), '');
  const head: CollectionHead = { family: 'v3', ...owner, variables: [] };
  const children = root.children.map(({ entry }) => entry);
  return {
    tree: { head, variables: owner.variables, children },
    folderAt: (place) => at(root, place).open,
    itemAt: (place) => itemIn(root, place),
  };
}

/** An entry of another kind, or one that is invalid, is kept as it is. */
function entryIn(
  request: JsonObject,
  name: string,
  { examples, messages }: { examples: readonly Example[]; messages: readonly SocketMessage[] },
): Entry {
  const unreadable = { unreadable: true } as const;
  if (isSocket(request)) {
    const socket = readable(() => socketAt(request, name, messages));
    return socket ? { socket } : unreadable;
  }
  const item = isHttp(request) ? readable(() => itemAt(request, name)) : undefined;
  return item ? { item, examples } : unreadable;
}

function ownerIn(definition: JsonObject, name: string): Folder {
  const owner = readable(() => folderAt(definition, name));
  return owner ?? { name: textOf(definition['name']) || name, scripts: [], variables: [] };
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function at(root: ReadFolder, place: Place): ReadFolder {
  const found = place.reduce<ReadFolder | undefined>(
    (folder, index) => folder?.children[index]?.folder,
    root,
  );
  if (found === undefined) throw new RangeError(`No folder is at ${place.join()}`);
  return found;
}

function itemIn(root: ReadFolder, place: Place): ExistingItem {
  const found = at(root, place.slice(0, -1)).children[place.at(-1) ?? -1]?.item;
  if (found === undefined) throw new RangeError(`No request is at ${place.join()}`);
  return found;
}

function documentOf(path: string, text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const value = parsedYaml(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    if (cause instanceof UserError)
      throw new UserError(`Cannot append to the collection: ${path}: ${cause.message}`, { cause });
    throw new UserError(`Cannot append to the collection: ${path} is not YAML.`, {
      cause,
      hint: `${(cause as Error).message.split('\n')[0]}`,
    });
  }
}

function orderIn(document: JsonObject): number {
  const order = document['order'];
  return typeof order === 'number' && Number.isFinite(order) ? order : 0;
}
