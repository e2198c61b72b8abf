import type { Members, Socket, SocketMessage } from '../collection.ts';
import { redactBytes } from '../secrets/redact/body.ts';
import {
  described,
  extraTreated,
  type KnownVariables,
  type Treatment,
  treatedMembers,
} from './redacted-members.ts';
import { LANGUAGE_TYPES, treatedRequest } from './redacted-request.ts';

/** A WebSocket: its URL, its headers and its messages. */
export function treatedSocket(socket: Socket, secrets: Treatment, known: KnownVariables): Socket {
  const { url, headers, behavior } = socket;
  const handshake = treatedRequest({ method: 'GET', url, headers }, secrets, known);
  return {
    ...socket,
    ...described(socket, secrets),
    name: secrets.text(socket.name),
    url: handshake.url,
    headers: handshake.headers,
    messages: socket.messages.map((message) => treatedMessage(message, secrets)),
    ...(behavior && { behavior: treatedMembers(behavior, secrets) as Members }),
    ...extraTreated(socket, secrets),
  };
}

function treatedMessage(message: SocketMessage, secrets: Treatment): SocketMessage {
  const { name, content, type } = message;
  return {
    ...message,
    name: secrets.text(name),
    content:
      type === 'base64' || type === 'hex'
        ? treatedBytes(content, type, secrets)
        : secrets.text(content, LANGUAGE_TYPES[type]),
    ...extraTreated(message, secrets),
  };
}

/** Bytes that are text are searched as text. What a person wrote otherwise, such as a variable, stays. */
function treatedBytes(content: string, type: 'base64' | 'hex', secrets: Treatment): string {
  const bytes = Buffer.from(content, type);
  const treated = redactBytes(bytes, undefined, secrets);
  if (treated !== bytes) return Buffer.from(treated).toString(type);
  return bytes.toString(type) === content ? content : secrets.text(content);
}
