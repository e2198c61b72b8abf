import type { RecordedCall } from '../collection.ts';
import { type Header, headerValues } from '../exchange.ts';
import { isToken } from '../http/token.ts';

/** How a recording is read for formats that send its requests again to the byte: all headers, in the order of the recording. */
export const REPLAYED = {
  calls: 'first',
  restrictedHeaders: true,
  group: 'none',
  shape: 'requests',
  tests: false,
  sharedAuth: false,
} as const;

type RecordedRequest = RecordedCall['request'];

/** What speaks of the connection to pmproxy and went no further (RFC 9110, 7.6.1 and 11.7). */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Above this some versions of curl ask for leave before they send a body. */
const EXPECTING_BYTES = 1024;

export type HeaderPlan = {
  /** Lines that are sent, in order. */
  readonly sent: readonly Header[];
  /** Names that curl would send by itself and the recording did not have. */
  readonly unwanted: readonly string[];
};

/**
 * Decides which headers are written, so that the upstream sees those that were recorded.
 *
 * @param authority what the client itself says in `Host`
 * @param bodyBytes absent when no body is sent
 */
export function planHeaders(
  request: RecordedRequest,
  authority: string,
  bodyBytes: number | undefined,
): HeaderPlan {
  const { headers, body } = request;
  const listed = headerValues(headers, 'connection').flatMap((value) =>
    value.split(',').map((name) => name.trim().toLowerCase()),
  );
  const dropped = new Set([...HOP_BY_HOP, ...listed, 'content-length']);
  if (headerValues(headers, 'host').join() === authority) dropped.add('host');
  // A body that was redacted comes without its coding.
  if (body?.encoding.length === 0) dropped.add('content-encoding');
  const sent = headers.filter(
    (header) => isSendable(header) && !dropped.has(header[0].toLowerCase()),
  );
  return {
    sent: isChunked(request) ? [...sent, ['Transfer-Encoding', 'chunked']] : sent,
    unwanted: unwantedNames(request, bodyBytes),
  };
}

function isChunked({ headers, body }: RecordedRequest): boolean {
  return (
    body !== undefined && /\bchunked\b/i.test(headerValues(headers, 'transfer-encoding').join())
  );
}

function unwantedNames(request: RecordedRequest, bodyBytes: number | undefined): string[] {
  const had = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const added = ['accept', 'user-agent'];
  // In HTTP/2 the authority says what Host says in HTTP/1.
  if (request.httpVersion.startsWith('1')) added.push('host');
  if (bodyBytes !== undefined) added.push('content-type');
  if ((bodyBytes ?? 0) >= EXPECTING_BYTES) added.push('expect');
  return added.filter((name) => !had.has(name));
}

/** RFC 9110, 5.5 and 5.6.2. What does not fit, such as the pseudo-headers of HTTP/2, is no header line. */
function isSendable([name, value]: Header): boolean {
  return isToken(name) && !/[\0\r\n]/.test(value);
}
