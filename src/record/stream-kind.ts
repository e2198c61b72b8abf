import { type Header, headerValue, type RequestHead, type ResponseHead } from '../exchange.ts';
import { mediaTypeOf } from '../http/media-type.ts';

/** What a stream consists of: server-sent events, messages of a WebSocket, gRPC messages, or lines of text. */
export type StreamKind = 'events' | 'socket' | 'grpc' | 'lines';

const byMediaType: Readonly<Record<string, StreamKind>> = {
  'text/event-stream': 'events',
  'application/x-ndjson': 'lines',
  'application/ndjson': 'lines',
  'application/jsonl': 'lines',
  'application/x-jsonlines': 'lines',
  'application/json-seq': 'lines',
  'application/stream+json': 'lines',
};

const FRAMED = /^application\/(grpc|grpc-web|connect)(\+|$)/;

/** Whether a request is a call of gRPC, gRPC-Web or Connect whose messages have lengths. */
export function isFramedCall({ method, headers }: RequestHead): boolean {
  return method === 'POST' && FRAMED.test(mediaTypeOf(headerValue(headers, 'content-type') ?? ''));
}

/**
 * What an answer streams, by its head.
 *
 * @returns `perhaps` for text without a length, which streams if it takes its time; undefined for what does not stream
 */
export function streamKindOf(head: ResponseHead): StreamKind | 'perhaps' | undefined {
  const { status, headers } = head;
  if (status === 101) return isWebSocket(headers) ? 'socket' : undefined;
  const essence = mediaTypeOf(headerValue(headers, 'content-type') ?? '');
  const known = byMediaType[essence];
  if (known !== undefined) return known;
  if (FRAMED.test(essence)) return 'grpc';
  if (!/^text\/plain$|[/+]json$/.test(essence)) return undefined;
  return headerValue(headers, 'content-length') === undefined ? 'perhaps' : undefined;
}

// RFC 6455, 4.2.2.
function isWebSocket(headers: readonly Header[]): boolean {
  return headerValue(headers, 'upgrade')?.trim().toLowerCase() === 'websocket';
}
