import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { SocketMessage } from '../../collection.ts';
import type { WebSocketMessage } from '../../exchange.ts';
import { asBuffer } from '../../http/body-text.ts';
import { isObject } from '../../json/object.ts';

/** Beyond these limits, messages are counted, not written. */
const MOST_MESSAGES = 100;
const LONGEST_BYTES = 256 * 1024;

/** RFC 6455, 11.8. */
const TEXT = 1;
const BINARY = 2;

/** Gathers the distinct messages that clients sent, in order of first arrival. */
export function clientMessages() {
  const found = new Map<string, SocketMessage>();
  /** The payloads that were found, which need not be searched for secrets again. */
  const seen = new Set<string>();
  let left = 0;
  let isCut = false;
  return {
    /** Takes a message; those of servers, and pings and the like, are passed over. `redact` replaces its secrets. */
    see(message: WebSocketMessage, redact: (message: WebSocketMessage) => WebSocketMessage): void {
      const { from, opcode, data } = message;
      if (from !== 'client' || (opcode !== TEXT && opcode !== BINARY)) return;
      const payload = data.length > LONGEST_BYTES ? undefined : keyOf(opcode, data);
      if (payload !== undefined && seen.has(payload)) return;
      if (payload === undefined || found.size >= MOST_MESSAGES) {
        left += 1;
        return;
      }
      seen.add(payload);
      const type = typeOf(message);
      const content = asBuffer(redact(message).data).toString(type === 'base64' ? type : 'utf8');
      const key = `${type} ${content}`;
      if (!found.has(key)) found.set(key, { name: nameOf(content, type), content, type });
    },
    /** The recording does not have all messages. */
    cut(): void {
      isCut = true;
    },
    /** Returns the messages, and a note on what is missing. */
    finish(): { readonly messages: readonly SocketMessage[]; readonly note?: string } {
      const notes = [
        ...(left === 0
          ? []
          : [`${left} more ${left === 1 ? 'message' : 'messages'} of the client`]),
        ...(isCut ? ['what the recording did not keep'] : []),
      ];
      const messages = [...found.values()];
      if (notes.length === 0) return { messages };
      return { messages, note: `Left out: ${notes.join(', and ')}.` };
    },
  };
}

function keyOf(opcode: number, data: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from([opcode]), data]), 'base64');
}

/** Text that a server receives as text frames; all else is written as bytes. */
function typeOf({ opcode, data }: WebSocketMessage): 'text' | 'json' | 'base64' {
  if (opcode !== TEXT || !isUtf8(data)) return 'base64';
  return objectIn(asBuffer(data).toString()) === undefined ? 'text' : 'json';
}

function objectIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The members by which protocols name their messages. */
const NAMING = ['type', 'event', 'action', 'op', 'method', 'command', 'cmd'];

function nameOf(content: string, type: string): string {
  const value = type === 'json' ? objectIn(content) : undefined;
  const names = isObject(value) ? NAMING.map((member) => value[member]) : [];
  const name = names.find((one) => typeof one === 'string' && /^[\w.:/ -]{1,60}$/.test(one));
  return typeof name === 'string' ? name : 'message';
}
