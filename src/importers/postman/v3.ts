import { readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Collection, CollectionEvent, Folder } from '../../collection.ts';
import { folderAt, isHttp, isSocket, kindOf, nameOf } from '../../document/v3/folder.ts';
import { exampleAt, itemAt } from '../../document/v3/item.ts';
import { messageAt, socketAt } from '../../document/v3/socket.ts';
import { describeError, errorCode, UserError } from '../../errors.ts';
import type { JsonObject } from '../../json/object.ts';
import { attempted, type OnFault, type OnLeftOut, shownPlace, toldOnce } from '../input.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

const REQUEST_ENDING = '.request.yaml';
const EXAMPLE_ENDING = '.example.yaml';
const MESSAGE_ENDING = '.message.yaml';
const DEFINITION = join('.resources', 'definition.yaml');

/** The callbacks for reading a collection v3. */
export type Listening = { readonly onFault: OnFault; readonly onLeftOut: OnLeftOut };

/**
 * Reads a collection v3, which is a folder of YAML, in the order that its files define. A folder without a definition
 * gets its name from disk; requests of protocols other than HTTP and WebSocket are left out.
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
      const events = isSocket(child.request.document) ? socketEvents : itemEvents;
      yield* events(root, level.path, child, listening);
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
    if (isHttp(document) || isSocket(document))
      return { order: orderOf(document), file: entry.name, request };
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

type RequestFile = Extract<Child, { file: string }>;

function* itemEvents(
  root: string,
  folder: string,
  { file, request }: RequestFile,
  { onFault }: Listening,
): Generator<CollectionEvent> {
  const name = file.slice(0, -REQUEST_ENDING.length);
  const item = attempted(() => request.read((document) => itemAt(document, name)), onFault);
  if (item === undefined) return;
  yield { kind: 'item', item };
  const examples = join(resourcesOf(folder, name), 'examples');
  for (const example of readIn(
    root,
    examples,
    { ending: EXAMPLE_ENDING, read: exampleAt },
    onFault,
  ))
    yield { kind: 'example', example };
  yield { kind: 'end' };
}

function* socketEvents(
  root: string,
  folder: string,
  { file, request }: RequestFile,
  { onFault, onLeftOut }: Listening,
): Generator<CollectionEvent> {
  const name = file.slice(0, -REQUEST_ENDING.length);
  const own = resourcesOf(folder, name);
  const kind = { ending: MESSAGE_ENDING, read: messageAt };
  const messages = readIn(root, join(own, 'messages'), kind, onFault);
  const examples = attempted(() => filesIn(root, join(own, 'examples'), EXAMPLE_ENDING), onFault);
  for (const example of examples ?? [])
    onLeftOut('websocket-examples', relative(root, join(own, 'examples', example)));
  const socket = attempted(
    () => request.read((document) => socketAt(document, name, messages)),
    onFault,
  );
  if (socket !== undefined) yield { kind: 'socket', socket };
}

/** The folder for what belongs to a request. */
function resourcesOf(folder: string, request: string): string {
  return join(folder, '.resources', `${request}.resources`);
}

/** What the files with an ending contain, in the order that they define. */
type Contents<T> = {
  readonly ending: string;
  read(document: JsonObject, fileName: string): T;
};

function readIn<T>(
  root: string,
  folder: string,
  { ending, read }: Contents<T>,
  onFault: OnFault,
): T[] {
  const names = attempted(() => filesIn(root, folder, ending), onFault) ?? [];
  const found = names.flatMap((file) => {
    const path = join(folder, file);
    const name = file.slice(0, -ending.length);
    return (
      attempted(() => {
        const yaml = readYaml(root, path);
        if (yaml === undefined) return [];
        const value = yaml.read((document) => read(document, name));
        return [{ order: orderOf(yaml.document), value }];
      }, onFault) ?? []
    );
  });
  return found.sort((a, b) => a.order - b.order).map(({ value }) => value);
}

function filesIn(root: string, folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .sort();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw new UserError(`${relative(root, folder)}: ${describeError(cause)}`, { cause });
  }
}
