import type { WrittenAuth } from '../../collection/auth.ts';
import type { CollectionEvent } from '../postman-model/events.ts';
import { type AskedRequest, type ItemHead, requestDepth } from '../postman-model/item.ts';
import { deeper, jsonAt, withMember } from '../postman-model/json.ts';
import type { Example } from '../postman-model/schema.ts';

/** Chunks of about this many characters are handed on. */
const CHUNK_LENGTH = 16 * 1024;

/** A list of items or examples that is being written. */
type OpenList = { count: number; readonly item?: ItemHead };

/**
 * Writes a collection v2.0 or v2.1 as JSON, in pieces.
 *
 * @param schema the URL that tells the version
 */
export async function* collectionTexts(
  events: AsyncIterable<CollectionEvent>,
  schema: string,
): AsyncGenerator<string> {
  const lists: OpenList[] = [];
  let pending = '';
  for await (const event of events) {
    pending += textOf(event, lists, schema);
    if (pending.length < CHUNK_LENGTH) continue;
    yield pending;
    pending = '';
  }
  yield pending;
}

function textOf(event: CollectionEvent, lists: OpenList[], schema: string): string {
  // The collection's items stand at 2; each further list is two levels deeper.
  const depth = 2 * lists.length;
  switch (event.kind) {
    case 'begin':
      lists.push({ count: 0 });
      return `{\n\t"info": ${jsonAt(1, { ...event.info, schema }).trimStart()},${rootAuth(event.auth, schema)}\n\t"item": [`;
    case 'folder':
    case 'item': {
      const text =
        event.kind === 'item'
          ? itemText(event.item, depth)
          : jsonAt(depth, { ...event.folder, ...authMember(event.auth, schema) });
      const start =
        separator(lists) + opened(text, depth, event.kind === 'item' ? 'response' : 'item');
      lists.push(event.kind === 'item' ? { count: 0, item: event.item } : { count: 0 });
      return start;
    }
    case 'example':
      return (
        separator(lists) + exampleText(event.example, event.asked ?? lists.at(-1)?.item, depth)
      );
    case 'end':
      return `${closed(lists)}${scriptText(event.script, depth - 1)}\n${tabs(depth - 2)}}`;
    case 'finish':
      return `${closed(lists)},\n\t"variable": ${jsonAt(1, event.variables).trimStart()}\n}\n`;
  }
}

function rootAuth(auth: WrittenAuth | undefined, schema: string): string {
  const { auth: member } = authMember(auth, schema);
  return member === undefined ? '' : `\n\t"auth": ${jsonAt(1, member).trimStart()},`;
}

/** A list of attributes, in version 2.0 an object. */
function authMember(auth: WrittenAuth | undefined, schema: string): { auth?: object } {
  if (auth === undefined) return {};
  const { type, attributes } = auth;
  const written = schema.includes('/v2.0.')
    ? Object.fromEntries(attributes)
    : attributes.map(([key, value]) => ({ key, value, type: 'string' }));
  return { auth: { type, [type]: written } };
}

function separator(lists: readonly OpenList[]): string {
  const list = lists.at(-1);
  if (list === undefined) return '';
  list.count += 1;
  return list.count === 1 ? '\n' : ',\n';
}

/** The end of the last list; what holds it stays open. */
function closed(lists: OpenList[]): string {
  const list = lists.pop();
  return list?.count === 0 ? ']' : `\n${tabs(2 * lists.length + 1)}]`;
}

/** An object at this depth that goes on with a list. */
function opened(object: string, depth: number, list: string): string {
  return `${object.slice(0, -(depth + 2))},\n${tabs(depth + 1)}"${list}": [`;
}

function itemText(
  { name, id, behavior, description, requestText }: ItemHead,
  depth: number,
): string {
  const item = jsonAt(depth, {
    name,
    id,
    ...(behavior === undefined ? {} : { protocolProfileBehavior: behavior }),
  });
  const request = deeper(depth + 1 - requestDepth, requestText);
  const described =
    description === undefined
      ? request
      : withMember(depth + 1, request, 'description', JSON.stringify(description));
  return withMember(depth, item, 'request', described);
}

/** A script's member of an item, whose members stand at this depth. */
function scriptText(lines: readonly string[] | undefined, depth: number): string {
  if (lines === undefined) return '';
  const script = { type: 'text/javascript', exec: lines };
  return `,\n${tabs(depth)}"event": ${jsonAt(depth, [{ listen: 'test', script }]).trimStart()}`;
}

function exampleText(
  example: Omit<Example, 'originalRequest'>,
  asked: AskedRequest | undefined,
  depth: number,
): string {
  const request = deeper(depth + 1 - requestDepth, asked?.requestText ?? '');
  return withMember(depth, jsonAt(depth, example), 'originalRequest', request);
}

function tabs(count: number): string {
  return '\t'.repeat(count);
}
