import { readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Collection, CollectionEvent, Example, Folder } from '../../collection.ts';
import { folderAt, isHttp, kindOf, nameOf } from '../../document/v3/folder.ts';
import { exampleAt, itemAt } from '../../document/v3/item.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { JsonObject } from '../../json/object.ts';
import { attempted, type OnFault, type OnLeftOut, shownPlace, toldOnce } from '../input.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

const REQUEST_ENDING = '.request.yaml';
const EXAMPLE_ENDING = '.example.yaml';
const DEFINITION = join('.resources', 'definition.yaml');

/** The callbacks for reading a collection v3. */
export type Listening = { readonly onFault: OnFault; readonly onLeftOut: OnLeftOut };

/**
 * Reads a collection v3, which is a folder of YAML, in the order that its files define. A folder without a definition
 * gets its name from disk; requests of protocols other than HTTP are left out.
 */
export function collectionOfV3(root: string, { onFault, onLeftOut }: Listening): Collection {
  const left = new Set<string>();
  const once: Listening = {
    onFault: toldOnce(onFault),
    onLeftOut(kind, place) {
      if (!left.has(place)) onLeftOut(kind, place);
      left.add(place);
    },
  };
  return { read: () => eventsOf(root, once) };
}

/** The contents of a folder, read so that they can be sorted. */
type Child =
  | { readonly order: number; readonly folder: string; readonly definition: YamlFile | undefined }
  | { readonly order: number; readonly file: string; readonly request: YamlFile };

async function* eventsOf(root: string, listening: Listening): AsyncGenerator<CollectionEvent> {
  const { onFault } = listening;
  const name = basename(resolve(root));
  const given = attempted(() => definitionIn(root, root), onFault);
  yield { kind: 'begin', head: { family: 'v3', ...folderOf(name, given, onFault) } };
  const open = [{ path: root, children: childrenOf(root, root, listening).values() }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const { value: child, done } = level.children.next();
    if (done) {
      open.pop();
      if (open.length > 0) yield { kind: 'end' };
    } else if ('file' in child) {
      yield* itemEvents(root, level.path, child, onFault);
    } else {
      yield { kind: 'folder', folder: folderOf(basename(child.folder), child.definition, onFault) };
      const children = childrenOf(root, child.folder, listening).values();
      open.push({ path: child.folder, children });
    }
  }
  yield { kind: 'finish' };
}

/** If a definition cannot be read, its name is kept. */
function folderOf(fileName: string, definition: YamlFile | undefined, onFault: OnFault): Folder {
  const bare = { name: fileName, scripts: [], variables: [] };
  if (definition === undefined) return bare;
  const folder = attempted(() => definition.read((one) => folderAt(one, fileName)), onFault);
  return folder ?? { ...bare, name: nameOf(definition.document, fileName) };
}

/** A missing definition is allowed; an unreadable one is a fault. */
function definitionIn(root: string, folder: string): YamlFile | undefined {
  return readYaml(root, join(folder, DEFINITION), { mayBeAbsent: true });
}

function childrenOf(root: string, folder: string, { onFault, onLeftOut }: Listening): Child[] {
  const found = attempted(() => listed(root, folder), onFault) ?? [];
  const children = found.flatMap((entry): Child | [] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) {
      const definition = attempted(() => definitionIn(root, path), onFault);
      return { order: orderOf(definition?.document), folder: path, definition };
    }
    if (!entry.name.endsWith(REQUEST_ENDING)) return [];
    const request = attempted(() => readYaml(root, path), onFault);
    if (request === undefined) return [];
    const { document } = request;
    if (isHttp(document)) return { order: orderOf(document), file: entry.name, request };
    onLeftOut(`${kindOf(document)}s`, relative(root, path));
    return [];
  });
  return children.sort((a, b) => a.order - b.order);
}

function orderOf(document: JsonObject | undefined): number {
  const order = document?.['order'];
  return typeof order === 'number' && !Number.isNaN(order) ? order : 0;
}

/** Sorted by name: the order of directory listings depends on the system. */
function listed(root: string, folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    // A path may be too long for the system, and for a message.
    const said = errorCode(cause) ?? describeError(cause);
    throw new UserError(`${shownPlace(relative(root, folder))}: ${said}`, { cause });
  }
}

function* itemEvents(
  root: string,
  folder: string,
  { file, request }: Extract<Child, { file: string }>,
  onFault: OnFault,
): Generator<CollectionEvent> {
  const name = file.slice(0, -REQUEST_ENDING.length);
  const item = attempted(() => request.read((document) => itemAt(document, name)), onFault);
  if (item === undefined) return;
  yield { kind: 'item', item };
  const examples = join(folder, '.resources', `${name}.resources`, 'examples');
  for (const example of examplesIn(root, examples, onFault)) yield { kind: 'example', example };
  yield { kind: 'end' };
}

function examplesIn(root: string, folder: string, onFault: OnFault): Example[] {
  const names = attempted(() => exampleFiles(root, folder), onFault) ?? [];
  const read = names.flatMap((file) => {
    const path = join(folder, file);
    const name = file.slice(0, -EXAMPLE_ENDING.length);
    return (
      attempted(() => {
        const answer = readYaml(root, path);
        if (answer === undefined) return [];
        const example = answer.read((document) => exampleAt(document, name));
        return [{ order: orderOf(answer.document), example }];
      }, onFault) ?? []
    );
  });
  return read.sort((a, b) => a.order - b.order).map(({ example }) => example);
}

function exampleFiles(root: string, folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(EXAMPLE_ENDING))
      .sort();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw new UserError(`${relative(root, folder)}: ${describeError(cause)}`, { cause });
  }
}
