import type { Exchange, Header, WebSocketMessage } from '../../src/exchange.ts';
import { exchange } from './exchanges.ts';

const UPGRADE: readonly Header[] = [
  ['Host', 'chat.test'],
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

type SocketParts = {
  readonly url?: string;
  readonly headers?: readonly Header[];
  /** Text of the client, or whole messages. */
  readonly messages?: readonly (string | Partial<WebSocketMessage>)[];
  readonly cut?: true;
};

/** A WebSocket that was opened. */
export function socket({ url, headers = [], messages = [], cut }: SocketParts): Exchange {
  const made = exchange({
    url: url ?? 'https://chat.test/room',
    headers: [...UPGRADE, ...headers],
    response: { status: 101 },
  });
  const list = messages.map((given): WebSocketMessage => {
    const text = typeof given === 'string' ? { data: Buffer.from(given) } : given;
    return { from: 'client', at: made.startedAt, opcode: 1, data: Buffer.alloc(0), ...text };
  });
  async function* read() {
    yield* list;
  }
  return { ...made, webSocket: { count: list.length, ...(cut && { cut }), messages: read } };
}
