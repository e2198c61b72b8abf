import type { Row } from '../../sync/wire/page-events.ts';
import { counted, formatSize } from '../parts/format.ts';

/** The results of calls, as the page groups them: by the class of the status, or without a complete response. */
export const RESULTS = ['1xx', '2xx', '3xx', '4xx', '5xx', 'failed'] as const;
export type Result = (typeof RESULTS)[number];

/** Methods that can always be chosen. Others can be chosen once a call has them. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** The kinds of content that a proxy can filter by (`--type`). */
export const CONTENT_KINDS = [
  'json',
  'xml',
  'html',
  'form',
  'text',
  'image',
  'script',
  'css',
  'font',
  'media',
  'binary',
] as const;

/** Kinds that only the page has: WebSockets, and calls without a response body. */
export const KINDS = [...CONTENT_KINDS, 'socket', 'none'] as const;

/** How calls compare with the recordings that the client was given. */
export const MARKS = ['answered', 'missed', 'differs'] as const;

/** The result of a call. */
export function resultOf({ outcome, status }: Pick<Row, 'outcome' | 'status'>): Result {
  if (outcome !== 'completed' && outcome !== 'running') return 'failed';
  return RESULTS[Math.floor(status / 100) - 1] ?? 'failed';
}

/** The kind of a call; never empty. */
export function kindOf({
  kind,
  messages,
  stream,
}: Pick<Row, 'kind' | 'messages' | 'stream'>): string {
  if (stream !== undefined) return stream.kind;
  if (messages !== undefined) return 'socket';
  return kind === '' ? 'none' : kind;
}

/** The size of the response, the number of messages of a WebSocket, or the number of parts of a stream that runs. */
export function sizeText({
  size,
  messages,
  stream,
}: Pick<Row, 'size' | 'messages' | 'stream'>): string {
  if (stream !== undefined) {
    const { parts, kind } = stream;
    if (kind === 'events') return counted(parts, 'event');
    return kind === 'lines' ? counted(parts, 'line') : counted(parts, 'msg', 'msg');
  }
  return messages === undefined ? formatSize(size) : counted(messages, 'msg', 'msg');
}
