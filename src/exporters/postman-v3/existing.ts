import { parse } from 'yaml';
import { UserError } from '../../errors.ts';
import { isObject, type JsonObject, textAt } from '../../json/object.ts';
import type { Place } from '../postman-v2.1/collection-index.ts';
import type { CollectionJson, EntryJson } from '../postman-v2.1/collection-json.ts';
import { fileNames } from './file-names.ts';
import { folderNames, type OpenExamples, type OpenFolder } from './files.ts';
import { foldersIn, type RequestPaths } from './layout.ts';
import { authIn, exampleJson, pairsIn, requestJson, scriptsIn } from './v2-view.ts';

/** A collection v3 that is there, read as a collection v2.1, and where in it something can be added. */
export type ExistingCollection = {
  readonly collection: CollectionJson;
  folderAt(place: Place): OpenFolder;
  itemAt(place: Place): ExistingItem;
};

export type ExistingItem = {
  /** The folder that it is in, with a slash at its end unless it is the collection itself. */
  readonly folder: string;
  /** The path of its file. */
  readonly path: string;
  readonly examples: OpenExamples;
};

/** A child of a folder; it is one or the other. */
type Child = {
  readonly order: number;
  readonly json: EntryJson;
  readonly folder?: ReadFolder;
  readonly item?: ExistingItem;
};

type ReadFolder = { readonly open: OpenFolder; readonly children: readonly Child[] };

/**
 * Reads the files of a collection v3.
 *
 * @param files the YAML files by their paths in the collection
 * @throws UserError when one of them is no YAML
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
    const definition = document(`${path}.resources/definition.yaml`);
    const folder = readFolder(path);
    const item = folder.children.map(({ json }) => json);
    const json = {
      id: textAt(definition, 'id'),
      name: textAt(definition, 'name') || name,
      ...authIn(definition),
      event: scriptsIn(definition),
      item,
    };
    return { order: orderIn(definition), json, folder };
  }

  function readItem(folder: string, { name, path, examples }: RequestPaths): Child {
    const request = document(path);
    const read = examples.map((example) => ({ ...example, document: document(example.path) }));
    const json = {
      id: textAt(request, 'id'),
      name: textAt(request, 'name') || name,
      request: requestJson(request),
      response: read.map((example) => exampleJson(example.document, example.name)),
    };
    const names = fileNames(examples.map((example) => example.name));
    const order = read.reduce((last, example) => Math.max(last, orderIn(example.document)), 0);
    const item = { folder, path, examples: { request: name, names, order } };
    return { order: orderIn(request), json, item };
  }

  const root = readFolder('');
  const definition = document('.resources/definition.yaml');
  const variable = pairsIn(definition['variables']);
  const item = root.children.map(({ json }) => json);
  const event = scriptsIn(definition);
  const collection = { info: {}, ...authIn(definition), event, item, variable };
  return {
    collection,
    folderAt: (place) => at(root, place).open,
    itemAt: (place) => itemIn(root, place),
  };
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
    const value: unknown = parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
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
