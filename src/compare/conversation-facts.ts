import { isOpaque } from '../analysis/correlation/identifying.ts';
import {
  headerValue,
  type RecordedResponse,
  type WebSocketMessage,
  type WebSocketRecord,
} from '../exchange.ts';
import { parseJson } from '../json/leaves.ts';
import { Shape } from './shape.ts';

/** What the WebSockets of one endpoint have in common. */
export type ConversationFacts = {
  connections: number;
  /** The messages of all connections are known. Some programs do not record them. */
  isWhole: boolean;
  /** The negotiated subprotocols (RFC 6455, 1.9); an empty string for none. */
  readonly subprotocols: Set<string>;
  readonly messages: Map<string, MessageFacts>;
};

/** What messages with one sender and one name have in common. */
export type MessageFacts = {
  readonly from: WebSocketMessage['from'];
  /** The type that JSON messages name; empty for all others. */
  readonly name: string;
  /** The number of connections with such messages. */
  connections: number;
  /** `JSON`, `text`, `binary`. */
  readonly formats: Set<string>;
  readonly shape: Shape;
};

/** The facts of an endpoint before its first connection. */
export function emptyConversation(): ConversationFacts {
  return { connections: 0, isWhole: true, subprotocols: new Set(), messages: new Map() };
}

/** Adds a connection. */
export async function seeConnection(
  facts: ConversationFacts,
  record: WebSocketRecord | undefined,
  { headers }: RecordedResponse,
): Promise<void> {
  facts.connections += 1;
  facts.subprotocols.add(headerValue(headers, 'sec-websocket-protocol')?.trim() ?? '');
  if (record === undefined || record.cut) facts.isWhole = false;
  const seen = new Set<MessageFacts>();
  for await (const message of record?.messages() ?? []) {
    const messages = seeMessage(facts, message);
    if (messages === undefined || seen.has(messages)) continue;
    seen.add(messages);
    messages.connections += 1;
  }
}

/** Adds the facts of another part of the same endpoint. */
export function addConversation(facts: ConversationFacts, other: ConversationFacts): void {
  facts.connections += other.connections;
  facts.isWhole &&= other.isWhole;
  for (const subprotocol of other.subprotocols) facts.subprotocols.add(subprotocol);
  for (const { from, name, connections, formats, shape } of other.messages.values()) {
    const own = messagesAt(facts, from, name);
    own.connections += connections;
    for (const format of formats) own.formats.add(format);
    own.shape.add(shape);
  }
}

/** The opcodes of messages (RFC 6455, 11.8). */
const [TEXT, BINARY] = [1, 2];

/** Texts that keep a connection open; those of Engine.IO are digits. */
const KEEP_ALIVE = /^(?:ping|pong|heartbeat|keep-?alive|\d?)$/i;

const VARIABLE = /\{\{[^{}]+\}\}/;

/** @returns the facts that the message was added to; undefined if it is not compared */
function seeMessage(
  facts: ConversationFacts,
  { from, opcode, data }: WebSocketMessage,
): MessageFacts | undefined {
  if (opcode === BINARY) return seeFormat(messagesAt(facts, from, ''), 'binary');
  if (opcode !== TEXT) return undefined;
  const text = Buffer.from(data).toString();
  if (KEEP_ALIVE.test(text.trim())) return undefined;
  // Socket.IO puts the packet type, a namespace and an id before its JSON.
  const json = parseJson(text.replace(/^\d{1,2}(?:\/[^,[{]*,)?\d*(?=[[{])/, ''));
  if (typeof json !== 'object' || json === null)
    return VARIABLE.test(text) ? undefined : seeFormat(messagesAt(facts, from, ''), 'text');
  const messages = messagesAt(facts, from, nameOf(json));
  messages.shape.seeValue(json);
  return seeFormat(messages, 'JSON');
}

function seeFormat(messages: MessageFacts, format: string): MessageFacts {
  messages.formats.add(format);
  return messages;
}

/** Members that commonly name the type of a message, most specific first. */
const NAMING = [
  'type',
  'event',
  'action',
  'messageType',
  'message_type',
  'kind',
  'op',
  'method',
  'cmd',
  'command',
];

/** Names are words: other values are data. */
const NAME = /^[A-Za-z][A-Za-z.:/_-]{0,60}$/;

function nameOf(json: object): string {
  const values: readonly unknown[] = Array.isArray(json)
    ? json.slice(0, 1)
    : NAMING.map((name) => (json as Record<string, unknown>)[name]);
  for (const value of values)
    if (typeof value === 'string' && NAME.test(value) && !isOpaque(value)) return value;
  return '';
}

/** Messages with further names are compared together. */
const MOST_NAMES = 500;

function messagesAt(
  { messages }: ConversationFacts,
  from: MessageFacts['from'],
  given: string,
): MessageFacts {
  const name = messages.size < MOST_NAMES || messages.has(`${from} ${given}`) ? given : '';
  const key = `${from} ${name}`;
  const known = messages.get(key);
  if (known) return known;
  const made = { from, name, connections: 0, formats: new Set<string>(), shape: new Shape() };
  messages.set(key, made);
  return made;
}
