import type { Socket, SocketMessage } from '../../collection.ts';
import { type JsonObject, textOf } from '../../json/object.ts';
import { descriptionOf, extraOf, headersAt, names, optionalObject, textMember } from '../fields.ts';
import { nameOf } from './folder.ts';
import { urlAt } from './item.ts';

const SOCKET = names(
  '$kind id name description url headers queryParams settings messages examples order',
);

/**
 * Reads the file of a WebSocket.
 *
 * @param fileName default if the document has no name
 * @param messages from their own files
 * @throws UserError if a member has another type
 */
export function socketAt(
  document: JsonObject,
  fileName: string,
  messages: readonly SocketMessage[],
): Socket {
  const behavior = optionalObject(document['settings'], 'settings');
  return {
    name: nameOf(document, fileName),
    ...textMember('id', document['id']),
    ...descriptionOf(document['description']),
    url: urlAt(document, ''),
    headers: headersAt(document['headers'], 'headers'),
    messages,
    ...(behavior && { behavior }),
    ...extraOf(document, SOCKET),
  };
}

const MESSAGE = names('$kind name content contentType order');

/**
 * Reads the file of a message.
 *
 * @param fileName default if the document has no name
 */
export function messageAt(document: JsonObject, fileName: string): SocketMessage {
  return {
    name: nameOf(document, fileName),
    content: textOf(document['content']),
    type: textOf(document['contentType']) || 'text',
    ...extraOf(document, MESSAGE),
  };
}
