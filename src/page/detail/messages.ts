import type { HarWebSocketMessage } from '../../sync/wire/page-events.ts';
import { type Body, bytesOf } from './body.ts';

/** RFC 6455 section 11.8. */
const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};
const CLOSE = 8;
const IN_A_LINE = 300;

/** A message in one line: its text, the reason of a close frame, or its kind. */
export function messageText(message: HarWebSocketMessage): string {
  const { opcode, data } = message;
  if (opcode === 1) return data.slice(0, IN_A_LINE);
  const name = OPCODES[opcode] ?? `opcode ${opcode}`;
  if (opcode !== CLOSE || data === '') return name;
  // RFC 6455 section 5.5.1: two bytes of code, then the reason.
  const bytes = bytesOf(messageBody(message));
  const code = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return `${name} ${code} ${new TextDecoder().decode(bytes.subarray(2))}`.trimEnd();
}

/** The size of a message, in bytes. */
export function messageSize(message: HarWebSocketMessage): number {
  return bytesOf(asContent(message)).length;
}

/** A message as a body, so that it can be shown in the same forms. */
export function messageBody(message: HarWebSocketMessage): Body {
  return {
    ...asContent(message),
    mimeType: message.opcode === 1 ? 'text/plain' : 'application/octet-stream',
    size: messageSize(message),
    cut: false,
  };
}

function asContent({ opcode, data }: HarWebSocketMessage): Pick<Body, 'text' | 'base64'> {
  return { text: data, base64: opcode !== 1 };
}
