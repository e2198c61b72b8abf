import type { GrpcCall } from '../../exchange.ts';
import { isOwnEntry } from '../../har/own-entry.ts';
import type { HarEntry } from '../../har/types.ts';
import { checkMessage, type ProxyMessage, proxyMessage, readMessage } from './protocol.ts';

/**
 * The event of an exchange as the bytes of a text frame. Where it would need more than `maxBytes`, the largest of its
 * bodies or lists of messages is halved, and marked as cut, until it does not.
 */
export function exchangeFrame(seq: number, entry: HarEntry, maxBytes: number): Buffer {
  for (let fitting = entry; ; fitting = smaller(fitting)) {
    const text = textOf({ type: 'exchange', seq, exchange: fitting });
    if (text !== undefined && (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes))
      return Buffer.from(text);
  }
}

/** A message of a proxy. */
export type ReceivedMessage = ProxyMessage & {
  /** The JSON of the entry, one line of UTF-8, where it can be kept as it is. */
  readonly json?: Uint8Array;
};

/**
 * Reads a frame that a proxy has sent. An entry that pmproxy has written is checked in a quarter of the time that others
 * take, and its JSON need not be made again.
 *
 * @returns the message, or in a few words why there is none
 */
export function readProxyFrame(frame: Buffer): { message: ReceivedMessage } | string {
  const pushed = pushedIn(frame);
  if (pushed === undefined) return readMessage(proxyMessage, frame.toString());
  const { json, ...message } = pushed;
  const { exchange } = message;
  if (!isOwnEntry(exchange)) return checkMessage(proxyMessage, message);
  return { message: { ...message, exchange, json } };
}

const HEAD = /^\{"type":"exchange","seq":([1-9]\d{0,14}),"exchange":/;
const longestHead = 64;
const [newline, closingBrace] = [10, 125];

/** The parts of a frame of {@link exchangeFrame}. */
function pushedIn(frame: Buffer) {
  const [head, seq] = HEAD.exec(frame.toString('latin1', 0, longestHead)) ?? [];
  if (head === undefined || frame.at(-1) !== closingBrace) return undefined;
  const json = frame.subarray(head.length, -1);
  if (json.includes(newline)) return undefined;
  try {
    // What lies between the head and the brace is one value, and the last member, if it is JSON.
    const exchange: unknown = JSON.parse(json.toString());
    return { type: 'exchange' as const, seq: Number(seq), exchange, json };
  } catch {
    return undefined;
  }
}

// A string has an end, too: V8 makes none of half a gigabyte.
function textOf(event: object): string | undefined {
  try {
    return JSON.stringify(event);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The same entry with half of its largest body. */
function smaller(entry: HarEntry): HarEntry {
  const { request, response, _webSocketMessages: messages = [], _grpc: call } = entry;
  const sent = request.postData?.text.length ?? 0;
  const received = response.content.text?.length ?? 0;
  const talked = messages.reduce((sum, { data }) => sum + data.length, 0);
  const called = call ? sizeOf(call) : 0;
  if (Math.max(sent, received, talked, called) === 0)
    throw new RangeError('An exchange without bodies is too large for a frame.');
  if (call && called >= Math.max(sent, received, talked)) return { ...entry, _grpc: halfOf(call) };
  if (request.postData && sent >= received && sent >= talked) {
    const { _encoding: encoding } = request.postData;
    const text = half(request.postData.text, encoding);
    // What the text was parsed into is as large as the text.
    return {
      ...entry,
      request: { ...request, postData: { ...request.postData, text, params: [], _cut: true } },
    };
  }
  if (received >= talked) {
    const { content } = response;
    const text = half(content.text ?? '', content.encoding);
    return { ...entry, response: { ...response, content: { ...content, text, _cut: true } } };
  }
  return {
    ...entry,
    _webSocketMessages: messages.slice(0, Math.floor(messages.length / 2)),
    ...(entry._webSocket && { _webSocket: { ...entry._webSocket, cut: true } }),
  };
}

function sizeOf({ messages }: GrpcCall): number {
  return messages.reduce(
    (sum, { json, base64 = '' }) => sum + base64.length + (textOf({ json })?.length ?? 2 ** 29),
    0,
  );
}

const LEFT_OUT = 'Messages that do not fit into a frame are left out.';

function halfOf({ messages, notes = [], ...call }: GrpcCall): GrpcCall {
  const kept = messages.slice(0, Math.floor(messages.length / 2));
  const said = notes.includes(LEFT_OUT) ? notes : [...notes, LEFT_OUT];
  return { ...call, messages: kept, notes: said };
}

// Neither through a group of base64 (RFC 4648, 4) nor through a surrogate pair.
function half(text: string, encoding: string | undefined): string {
  const middle = Math.floor(text.length / 2);
  if (encoding === 'base64') return text.slice(0, middle - (middle % 4));
  const code = text.charCodeAt(middle - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? middle - 1 : middle);
}
