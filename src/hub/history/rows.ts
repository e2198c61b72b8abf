import type { HarEntry } from '../../har/types.ts';
import { kindOfMediaType, mediaTypeOf } from '../../http/media-type.ts';
import type { Row } from '../../sync/wire/page-events.ts';

/** Longer URLs are shown with an ellipsis. The history has the whole URL. */
const maxUrlLength = 4096;
const maxWordsLength = 300;

/**
 * Makes the row that a page's list shows for an entry.
 *
 * @param n the row number
 * @param entry as received; fields that the protocol does not check may be missing or of any type
 */
export function rowOf(n: number, session: string, entry: HarEntry): Row {
  const { request, response } = entry;
  const fault = entry._outcome?.reason?.message ?? response._error;
  const { _webSocketMessages: messages, _marks: marks } = entry;
  return {
    n,
    session,
    startedAt: whole(Date.parse(entry.startedDateTime)),
    method: shortened(request.method, 40),
    url: shortened(request.url, maxUrlLength),
    status: response.status,
    outcome: outcomeOf(entry),
    ...(typeof fault === 'string' && { fault: shortened(fault, maxWordsLength) }),
    kind: kindOf(response),
    size: sizeOf(response),
    durationMs: Math.max(0, entry.time),
    ...(marks && marks.length > 0 && { marks: marks.map(({ kind }) => kind) }),
    ...(Array.isArray(messages) && { messages: messages.length }),
  };
}

const outcomes: ReadonlySet<unknown> = new Set<Row['outcome']>([
  'completed',
  'failed',
  'aborted',
  'unfinished',
]);

// Other programs have only the status, as in plain HAR.
function outcomeOf({ _outcome, response }: HarEntry): Row['outcome'] {
  const kind = _outcome?.kind;
  if (kind !== undefined && outcomes.has(kind)) return kind;
  return response.status === 0 ? 'failed' : 'completed';
}

function kindOf(response: HarEntry['response']): string {
  if (sizeOf(response) === 0) return '';
  const mediaType = mediaTypeOf(response.content.mimeType);
  // Browsers write `x-unknown` when a response has no type.
  return mediaType === '' || mediaType === 'x-unknown' ? 'binary' : kindOfMediaType(mediaType);
}

function sizeOf({ content, bodySize }: HarEntry['response']): number {
  return whole(content.size) || whole(bodySize) || (content.text?.length ?? 0);
}

function whole(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.round(value) : 0;
}

// A slice would keep the whole text in memory.
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${Buffer.from(text.slice(0, length - 1)).toString()}…`;
}
