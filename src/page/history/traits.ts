import type { Row } from '../../sync/wire/page-events.ts';
import { counted, formatSize } from '../parts/format.ts';

/** How calls ended, as the page groups them: by the class of their status, or without a complete answer. */
export const RESULTS = ['1xx', '2xx', '3xx', '4xx', '5xx', 'failed'] as const;
export type Result = (typeof RESULTS)[number];

/** Methods that always can be chosen; others can once they were seen. */
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** The kinds of content that can be asked of a proxy (`--type`). */
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

/** What the page knows besides: WebSockets, and calls that brought no body. */
export const KINDS = [...CONTENT_KINDS, 'socket', 'none'] as const;

/** The group that a call belongs to by its end. */
export function resultOf({ outcome, status }: Pick<Row, 'outcome' | 'status'>): Result {
  if (outcome !== 'completed') return 'failed';
  return RESULTS[Math.floor(status / 100) - 1] ?? 'failed';
}

/** The kind of a call; never empty. */
export function kindOf({ kind, messages }: Pick<Row, 'kind' | 'messages'>): string {
  if (messages !== undefined) return 'socket';
  return kind === '' ? 'none' : kind;
}

/** How much came: bytes, or messages of a WebSocket. */
export function sizeText({ size, messages }: Pick<Row, 'size' | 'messages'>): string {
  return messages === undefined ? formatSize(size) : counted(messages, 'msg', 'msg');
}
