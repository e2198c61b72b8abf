import type { ClientMessage } from '../../sync/wire/protocol.ts';

/**
 * Reads a message of the client. The wire's own schemas are left to the client, because they would be most of the
 * extension's size.
 *
 * @returns what is wrong, in words, when it is not a message of the protocol
 */
export function readClientMessage(text: unknown): ClientMessage | string {
  if (typeof text !== 'string') return 'messages must be text';
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return 'it is not a message';
  const message = value as Readonly<Record<string, unknown>>;
  const { type } = message;
  if (type === 'pause' || type === 'resume') return { type };
  if (type === 'ack' && isSeq(message['seq'])) return { type, seq: message['seq'] };
  if (type === 'welcome' && isSeq(message['last']) && typeof message['protocol'] === 'number')
    return { type, last: message['last'], protocol: message['protocol'] };
  if (type === 'filters') return filtersOf(message);
  return `${String(type)} is not understood`;
}

function filtersOf(message: Readonly<Record<string, unknown>>): ClientMessage | string {
  const lists: Record<string, string[]> = {};
  for (const name of ['url', 'notUrl', 'methods', 'status', 'kinds']) {
    const given = message[name];
    if (given === undefined) continue;
    const list = Array.isArray(given) ? given : [given];
    if (!list.every((item) => typeof item === 'string' || typeof item === 'number'))
      return `${name} is not a list`;
    lists[name] = list.map(String);
  }
  return { type: 'filters', ...lists };
}

function isSeq(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
