import { createRegistry } from '@bufbuild/protobuf';
import {
  type Body,
  type Exchange,
  type GrpcCall,
  type GrpcMessage,
  type GrpcStatus,
  type Header,
  headerValue,
  type RecordedResponse,
  responseOf,
} from '../exchange.ts';
import { decodeContent } from '../http/content-coding.ts';
import { parseJson } from '../json/leaves.ts';
import { arrivalTimes } from './arrivals.ts';
import { newBudget } from './field-count.ts';
import { COMPRESSED, CONNECT_END, type Frame, readFrames, WEB_TRAILERS } from './frames.ts';
import { DECOMPRESSED_BYTES_LIMIT, readMessage, type Side } from './message.ts';
import type { TypeSource } from './message-types.ts';
import { bytesOfWebText, methodOf, type Wire, wireOf } from './protocol.ts';
import { connectStatus, statusIn, statusOf, webTrailers } from './status.ts';

/** The maximum number of messages read per side. */
const MOST_MESSAGES = 10_000;

/** A source without types: fields are read by number. */
const NO_TYPES: TypeSource = { find: async () => ({ registry: createRegistry() }) };

/**
 * Reads an exchange as a call: each message, and the status from the trailers, the headers or the trailer frame in the
 * body.
 *
 * @param exchange an exchange for which `isCall` is true
 * @returns the readable parts, and a description of the unreadable ones; never throws because of the bodies' contents
 */
export async function readCall(
  exchange: Exchange,
  source: TypeSource = NO_TYPES,
): Promise<GrpcCall> {
  const { request, outcome } = exchange;
  const wire = wireOf(request.headers);
  const named = methodOf(request.url);
  if (wire === undefined || named === undefined)
    throw new TypeError(`${request.url} is not a call`);
  const { service, method } = named;
  const { types, registry, note } = await source.find(request.url, service, method);
  const response = responseOf(outcome);
  const notes = note === undefined ? [] : [note];
  const asked = await readSide(request, wire, exchange.startedAt, {
    from: 'client',
    type: types?.input,
    registry: types?.registry ?? registry,
  });
  notes.push(...asked.faults.map((fault) => `Request: ${fault}.`));
  const answered =
    response && (await readAnswer(response, wire, exchange.startedAt, types?.output, registry));
  notes.push(...(answered?.faults ?? []).map((fault) => `Response: ${fault}.`));
  return {
    protocol: wire.protocol,
    service,
    method,
    ...(answered?.status && { status: answered.status }),
    messages: [...asked.messages, ...(answered?.messages ?? [])],
    ...(notes.length > 0 && { notes }),
  };
}

type Message = { readonly headers: readonly Header[]; readonly body?: Body };

type ReadSide = {
  readonly messages: readonly GrpcMessage[];
  readonly faults: readonly string[];
  /** The payload that ends a stream in the body: trailers, or the JSON of Connect. */
  readonly end?: Frame;
};

type Answer = ReadSide & { readonly status?: GrpcStatus };

async function readAnswer(
  response: RecordedResponse,
  asked: Wire,
  startedAt: number,
  type: Side['type'],
  registry: Side['registry'],
): Promise<Answer> {
  const { status, headers, trailers = [] } = response;
  const wire = wireOf(headers) ?? (isConnectError(asked, response) ? undefined : 'foreign');
  if (wire === undefined) return connectError(response);
  const stated = statusIn(trailers, registry) ?? statusIn(headers, registry);
  if (wire === 'foreign') {
    const shown = headerValue(headers, 'content-type') ?? 'of no type';
    const faults = stated && !response.body?.size ? [] : [`HTTP status ${status}, ${shown}`];
    return { messages: [], faults, ...(stated && { status: stated }) };
  }
  const read = await readSide(response, wire, startedAt, { from: 'server', type, registry });
  const found = stated ?? statusAtEnd(read.end, wire, response, registry);
  if (found !== undefined) return { ...read, status: found };
  return { ...read, faults: [...read.faults, 'no grpc-status was sent'] };
}

/** The response to a failed unary Connect call is JSON (Connect, "Unary-Error"). */
function isConnectError(asked: Wire, { status, headers }: RecordedResponse): boolean {
  const type = headerValue(headers, 'content-type') ?? '';
  return asked.framing === 'unary' && status !== 200 && /^application\/json\b/i.test(type);
}

async function connectError({ status, body }: RecordedResponse): Promise<Answer> {
  const text = Buffer.from((await body?.bytes()) ?? []).toString();
  const read = connectStatus(parseJson(text));
  if (read !== undefined) return { messages: [], faults: [], status: read };
  return { messages: [], faults: [`HTTP status ${status} without a Connect error`] };
}

function statusAtEnd(
  end: Frame | undefined,
  { protocol, framing }: Wire,
  { status }: RecordedResponse,
  registry: Side['registry'],
): GrpcStatus | undefined {
  if (protocol === 'connect' && framing === 'unary')
    return status === 200 ? statusOf(0) : undefined;
  if (end === undefined) return undefined;
  if (protocol === 'grpc-web') return statusIn(webTrailers(end.payload), registry);
  const json = parseJson(Buffer.from(end.payload).toString());
  if (typeof json !== 'object' || json === null) return undefined;
  return 'error' in json && json.error ? connectStatus(json.error) : statusOf(0);
}

async function readSide(
  { headers, body }: Message,
  wire: Wire,
  startedAt: number,
  side: Omit<Side, 'codec' | 'encoding'>,
): Promise<ReadSide> {
  if (body === undefined) return { messages: [], faults: [] };
  const faults: string[] = [];
  if (body.cut) faults.push(`the body is cut; it had ${body.size} bytes`);
  // gRPC over HTTP/2 has its own compression, but gRPC-Web and unary Connect may also use a content coding.
  const raw = await body.bytes();
  const decoded = decodeContent(raw, body.encoding);
  if ('fault' in decoded) return { messages: [], faults: [...faults, decoded.fault] };
  const bytes = wire.isText ? bytesOfWebText(decoded.bytes) : decoded.bytes;
  const { encodingHeader, codec } = wire;
  const encoding = encodingHeader && headerValue(headers, encodingHeader)?.trim().toLowerCase();
  const given = { ...side, codec, encoding };
  if (wire.framing === 'unary') {
    if (body.cut) return { messages: [], faults };
    const frame = { flags: 0, payload: bytes };
    return {
      messages: [readMessage(frame, given, DECOMPRESSED_BYTES_LIMIT, newBudget()).message],
      faults,
    };
  }
  const { frames, fault } = readFrames(bytes, MOST_MESSAGES);
  if (fault !== undefined) faults.push(fault);
  const endFlag = wire.protocol === 'connect' ? CONNECT_END : WEB_TRAILERS;
  const isEnd = ({ flags }: Frame) => wire.protocol !== 'grpc' && (flags & endFlag) !== 0;
  const end = frames.find(isEnd);
  const ending = end && { end: decompressed(end, encoding) };
  return {
    messages: readMessages(
      frames.filter((frame) => !isEnd(frame)),
      given,
      // Decoded bytes are at other places than those that arrived.
      bytes === raw ? arrivalTimes(body, startedAt) : undefined,
    ),
    faults,
    ...ending,
  };
}

/** The payload that ends a stream may be compressed like a message. */
function decompressed(frame: Frame, encoding: string | undefined): Frame {
  if ((frame.flags & COMPRESSED) === 0 || encoding === undefined) return frame;
  const decoded = decodeContent(frame.payload, [encoding], DECOMPRESSED_BYTES_LIMIT);
  return 'fault' in decoded ? frame : { flags: frame.flags, payload: decoded.bytes };
}

function readMessages(
  frames: readonly Frame[],
  side: Side,
  timeOf: ((frame: Frame) => number) | undefined,
): GrpcMessage[] {
  let left = DECOMPRESSED_BYTES_LIMIT;
  const budget = newBudget();
  return frames.map((frame) => {
    const { message, bytes } = readMessage(frame, side, left, budget);
    left = Math.max(left - bytes, 1);
    if (timeOf === undefined) return message;
    const { from, ...content } = message;
    return { from, at: timeOf(frame), ...content };
  });
}
