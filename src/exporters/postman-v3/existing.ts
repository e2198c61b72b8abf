import type { CollectionHead, Folder } from '../../collection.ts';
import { folderAt, isHttp } from '../../document/v3/folder.ts';
import { exampleAt, itemAt } from '../../document/v3/item.ts';
import { parsedYaml } from '../../document/v3/yaml.ts';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, textOf } from '../../json/object.ts';
import type { Entry, Place, Tree } from '../addition/tree.ts';
import { DEFINITION } from './definition.ts';
import { fileNames } from './file-names.ts';
import { folderNames, type OpenExamples, type OpenFolder } from './files.ts';
import { foldersIn, type RequestPaths } from './layout.ts';

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

  function readItem(folder: string, { name, path, examples }: RequestPaths): Child {
    const request = document(path);
    const read = examples.map((example) => ({ ...example, document: document(example.path) }));
    const item = isHttp(request) ? readable(() => itemAt(request, name)) : undefined;
    const answers = read.flatMap(
      (example) => readable(() => exampleAt(example.document, example.name)) ?? [],
    );
    const names = fileNames(examples.map((example) => example.name));
    const order = read.reduce((last, example) => Math.max(last, orderIn(example.document)), 0);
    return {
      order: orderIn(request),
      entry: item ? { item, examples: answers } : { unreadable: true },
      item: { folder, path, examples: { request: name, names, order } },
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
