import type { Socket, SocketMessage } from '../../collection.ts';
import { plainText } from '../../document/text.ts';
import type { RenderedFile } from '../exporter.ts';
import type { Document, Position } from './documents.ts';
import { fileNames } from './file-names.ts';
import { nextOrder, type OpenExamples, type OpenFolder, yamlFile } from './open-folder.ts';
import { mapOrList, queryMapOrList } from './pairs.ts';

/** Writes a WebSocket: a file for each message, then the item that names their folder. */
export function* socketFiles(socket: Socket, folder: OpenFolder): Generator<RenderedFile> {
  const fileName = folder.requests.claim(socket.name, 'websocket-request');
  const open: OpenExamples = { request: fileName, names: fileNames(), order: 0 };
  for (const message of socket.messages) yield messageFile(message, open, folder.path);
  const document = socketDocument(socket, { fileName, order: nextOrder(folder) });
  yield yamlFile(`${folder.path}${fileName}.request.yaml`, document);
}

/** The file of a message; `folder` is that of its WebSocket. */
export function messageFile(
  { name, content, type }: SocketMessage,
  open: OpenExamples,
  folder: string,
): RenderedFile {
  const fileName = open.names.claim(name, 'message');
  return yamlFile(`${folder}${messagesFolder(open.request)}/${fileName}.message.yaml`, {
    $kind: 'websocket-message',
    ...(fileName === name.trim() ? {} : { name }),
    content,
    contentType: type,
    order: nextOrder(open),
  });
}

/** The folder for the messages of a WebSocket, within its own folder. */
export function messagesFolder(request: string): string {
  return `.resources/${request}.resources/messages`;
}

function socketDocument(socket: Socket, { fileName, order }: Position): Document {
  const { id, name, url, headers, messages, behavior } = socket;
  const description = plainText(socket.description);
  const { query = [] } = url.parts ?? {};
  return {
    $kind: 'websocket-request',
    ...(id === undefined ? {} : { id }),
    ...(fileName === name.trim() ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    url: url.raw,
    ...(headers.length === 0 ? {} : { headers: mapOrList(headers) }),
    ...(query.length === 0 ? {} : { queryParams: queryMapOrList(query) }),
    ...(behavior === undefined ? {} : { settings: behavior }),
    ...(messages.length === 0 ? {} : { messages: `./${messagesFolder(fileName)}` }),
    order,
  };
}
