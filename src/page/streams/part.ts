import type { HarWebSocketMessage, StreamPart } from '../../sync/wire/page-events.ts';
import type { Body } from '../detail/body.ts';
import { messageBody, messageSize, messageText } from '../detail/messages.ts';

/** A part of a stream as the page shows it. */
export type ShownPart = {
  readonly isSent: boolean;
  /** Milliseconds since the epoch; undefined where it is not known. */
  readonly at?: number;
  /** The name of the event, the operation or the type; empty for none. */
  readonly label: string;
  /** The beginning of the content. */
  readonly line: string;
  /** Bytes. */
  readonly size: number;
  readonly body: Body;
};

/** A part that was read from a body has no time. */
export type GivenPart = Omit<StreamPart, 'time'> & { readonly time?: number };

const IN_A_LINE = 300;

/**
 * A part with its name.
 * @param nameOf the operation that a message of a WebSocket belongs to.
 */
export function shownPart(part: GivenPart, nameOf: (text: string) => string): ShownPart {
  const { time, direction, size, event, message, frame, line = '', cut = false } = part;
  const known = { isSent: direction === 'sent', size, ...(time !== undefined && { at: time }) };
  const body = { base64: false, size, cut };
  if (event !== undefined) {
    const { data, id } = event;
    const label = [event.event, id === undefined || id === '' ? '' : `#${id}`]
      .filter((word) => word)
      .join(' ');
    return { ...known, label, line: oneLine(data), body: { ...body, ...typed(data) } };
  }
  if (message !== undefined) {
    const shown = { type: 'receive', time: 0, ...message } as const;
    return { ...shownMessage(shown, nameOf), ...known };
  }
  if (frame !== undefined) {
    const { type = '', json, base64 = '' } = frame;
    const label = type.slice(type.lastIndexOf('.') + 1);
    if (json !== undefined) {
      return { ...known, label, line: oneLine(json), body: { ...body, ...typed(json) } };
    }
    const binary = { mimeType: 'application/octet-stream', text: base64, base64: true };
    return { ...known, label, line: '', body: { ...body, ...binary } };
  }
  return { ...known, label: '', line: oneLine(line), body: { ...body, ...typed(line) } };
}

/** A message of a WebSocket that has ended, as a part. */
export function shownMessage(
  message: HarWebSocketMessage,
  nameOf: (text: string) => string,
): ShownPart {
  const body = messageBody(message);
  return {
    isSent: message.type === 'send',
    at: message.time * 1000,
    label: message.opcode === 1 ? nameOf(message.data) : '',
    line: messageText(message),
    size: messageSize(message),
    body: message.opcode === 1 ? { ...body, ...typed(message.data) } : body,
  };
}

function oneLine(text: string): string {
  return text.slice(0, IN_A_LINE);
}

function typed(text: string): Pick<Body, 'mimeType' | 'text'> {
  return { mimeType: /^\s*[{[]/.test(text) ? 'application/json' : 'text/plain', text };
}
