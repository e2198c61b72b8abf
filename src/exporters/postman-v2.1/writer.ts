import type {
  Collection,
  CollectionEvent,
  CollectionHead,
  Example,
  Folder,
  Item,
  ItemRequest,
  Script,
  Variable,
} from '../../collection.ts';
import {
  authJson,
  extraIn,
  parameterJson,
  requestDepth,
  requestJson,
  requestText,
  scriptJson,
  type V2Form,
  variableJson,
} from '../../document/v2/request-json.ts';
import { deeper, jsonAt, withMember } from '../../json/indented.ts';
import type { JsonObject } from '../../json/object.ts';

/** The approximate length of a chunk in characters. */
const CHUNK_LENGTH = 16 * 1024;

/** A list of items or examples that is being written. */
type OpenList = { count: number; readonly item?: Item };

type Writing = {
  form: V2Form;
  recorded: boolean;
  /** The variables of the head; they are written at the end. */
  variables: readonly Variable[];
  readonly lists: OpenList[];
};

/** Writes a collection v2.0 or v2.1 as JSON, in pieces. */
export async function* collectionTexts(
  collection: Collection,
  version: V2Form['version'],
): AsyncGenerator<string> {
  const writing = newWriting(version);
  let pending = '';
  for await (const event of collection.read()) {
    pending += textOf(event, writing);
    if (pending.length < CHUNK_LENGTH) continue;
    yield pending;
    pending = '';
  }
  yield pending;
}

/** Writes the events of a collection in memory as one text, in the same format. */
export function collectionText(
  events: Iterable<CollectionEvent>,
  version: V2Form['version'],
): string {
  const writing = newWriting(version);
  let text = '';
  for (const event of events) text += textOf(event, writing);
  return text;
}

function newWriting(version: V2Form['version']): Writing {
  return { form: { version, family: 'v2' }, recorded: false, variables: [], lists: [] };
}

function textOf(event: CollectionEvent, writing: Writing): string {
  const { lists } = writing;
  // The collection's items are at depth 2; each further list is two levels deeper.
  const depth = depthAt(lists.length);
  switch (event.kind) {
    case 'begin':
      return begin(event.head, writing);
    case 'folder': {
      const start =
        separator(lists) + opened(folderText(event.folder, depth, writing.form), depth, 'item');
      lists.push({ count: 0 });
      return start;
    }
    case 'item': {
      const start =
        separator(lists) + opened(itemText(event.item, depth, writing.form), depth, 'response');
      lists.push({ count: 0, item: event.item });
      return start;
    }
    case 'example':
      return separator(lists) + exampleText(event.example, lists.at(-1)?.item, depth, writing);
    case 'socket':
    case 'call':
      return '';
    case 'end':
      return `${closed(lists)}${lateScripts(event.scripts, depth - 1, writing.form)}\n${tabs(depth - 2)}}`;
    case 'finish': {
      const variables = [...writing.variables, ...(event.variables ?? [])];
      const list = variables.map((variable) => variableJson(variable, writing.form));
      return `${closed(lists)},\n\t"variable": ${jsonAt(1, list).trimStart()}\n}\n`;
    }
  }
}

function begin(head: CollectionHead, writing: Writing): string {
  writing.form = { ...writing.form, family: head.family };
  writing.recorded = head.recorded === true;
  writing.variables = head.variables;
  writing.lists.push({ count: 0 });
  const { form } = writing;
  const { id, name, description, info } = head;
  const members = {
    info: {
      ...(id === undefined ? {} : { _postman_id: id }),
      name,
      ...(description === undefined ? {} : { description }),
      ...(head.family === 'v2' ? info : {}),
      schema: schemaOf(form),
    },
    ...ownerJson({ ...head, variables: [] }, form),
  };
  return opened(jsonAt(0, members), 0, 'item');
}

function schemaOf({ version }: V2Form): string {
  return `https://schema.getpostman.com/json/collection/v${version}/collection.json`;
}

/** The members that collections, folders and items share. */
function ownerJson(owner: Omit<Folder, 'name'>, form: V2Form): JsonObject {
  const { auth, scripts, variables, behavior } = owner;
  return {
    ...(behavior && { protocolProfileBehavior: behavior }),
    ...(auth && { auth: authJson(auth, form) }),
    ...(scripts.length === 0 ? {} : { event: scripts.map((script) => scriptJson(script, form)) }),
    ...(variables.length === 0
      ? {}
      : { variable: variables.map((variable) => variableJson(variable, form)) }),
    ...extraIn(owner, form),
  };
}

function folderText(folder: Folder, depth: number, form: V2Form): string {
  return jsonAt(depth, { ...namedJson(folder), ...ownerJson(folder, form) });
}

function namedJson({ name, id, description }: Folder | Omit<Item, 'request'>): JsonObject {
  return {
    name,
    ...(id === undefined ? {} : { id }),
    ...(description === undefined ? {} : { description }),
  };
}

function itemText(item: Item, depth: number, form: V2Form): string {
  const head = jsonAt(depth, { ...namedJson(item), ...ownerJson(item, form) });
  return withMember(depth, head, 'request', writtenRequest(item.request, depth + 1, form));
}

/** The text of version 2.1 is generated once for the item and its examples. */
function withoutDescription(request: ItemRequest, depth: number, form: V2Form): string {
  const isUsual = form.version === '2.1.0' && form.family === 'v2';
  if (!isUsual) return jsonAt(depth, requestJson(request, form));
  return deeper(depth - requestDepth, requestText(request));
}

function writtenRequest(request: ItemRequest, depth: number, form: V2Form): string {
  const text = withoutDescription(request, depth, form);
  const { description } = request;
  if (description === undefined) return text;
  return withMember(depth, text, 'description', jsonAt(depth + 1, description));
}

/** The member for the scripts of an item or folder, whose members are at this depth. */
function lateScripts(scripts: readonly Script[] = [], depth: number, form: V2Form): string {
  if (scripts.length === 0) return '';
  const events = scripts.map((script) => scriptJson(script, form));
  return `,\n${tabs(depth)}"event": ${jsonAt(depth, events).trimStart()}`;
}

function exampleText(
  example: Example,
  item: Item | undefined,
  depth: number,
  { form, recorded }: Writing,
): string {
  const { id, name, status, code, language, headers, cookies = [], body, durationMs } = example;
  const members = jsonAt(depth, {
    ...(id === undefined ? {} : { id }),
    name,
    status,
    ...(code === undefined ? {} : { code }),
    ...(language === undefined ? {} : { _postman_previewlanguage: language }),
    header: headers.map((header) => parameterJson(header, form)),
    cookie: cookies,
    ...(durationMs === undefined ? {} : { responseTime: durationMs }),
    ...(body === undefined ? {} : { body }),
    ...extraIn(example, form),
  });
  // In a recording each example repeats its request, even if it is the item's own.
  const shared = recorded ? item && withoutDescription(item.request, depth + 1, form) : undefined;
  const own = example.request && writtenRequest(example.request, depth + 1, form);
  const request = own ?? shared;
  return request === undefined ? members : withMember(depth, members, 'originalRequest', request);
}

/** Opens an object at this depth that continues with a list. */
function opened(object: string, depth: number, list: string): string {
  return `${object.slice(0, -(depth + 2))},\n${tabs(depth + 1)}"${list}": [`;
}

function separator(lists: readonly OpenList[]): string {
  const list = lists.at(-1);
  if (list === undefined) return '';
  list.count += 1;
  return list.count === 1 ? '\n' : ',\n';
}

/** Closes the last list; its owner stays open. */
function closed(lists: OpenList[]): string {
  const list = lists.pop();
  return list?.count === 0 ? ']' : `\n${tabs(depthAt(lists.length) + 1)}]`;
}

/** The depth of a list's entries; indentation stops growing beyond realistic nesting. */
function depthAt(lists: number): number {
  return Math.min(2 * lists, 2 * DEEPEST_INDENTED);
}

const DEEPEST_INDENTED = 50;

function tabs(count: number): string {
  return '\t'.repeat(count);
}
