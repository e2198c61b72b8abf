import type { RecordedCall } from '../collection.ts';
import { type Header, headerValues } from '../exchange.ts';
import { isToken } from '../http/token.ts';

/** Options for formats that replay requests byte for byte: all headers, in the order of the recording. */
export const REPLAYED = {
  calls: 'first',
  restrictedHeaders: true,
  group: 'none',
  shape: 'requests',
  tests: false,
  sharedAuth: false,
} as const;

type RecordedRequest = RecordedCall['request'];

/** Headers for the connection to pmproxy, which it does not forward (RFC 9110, 7.6.1 and 11.7). */
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

/** Above this size some versions of curl send `Expect: 100-continue` before a body. */
const EXPECTING_BYTES = 1024;

export type HeaderPlan = {
  /** The lines to send, in order. */
  readonly sent: readonly Header[];
  /** Names of headers that curl would add and the recording did not have. */
  readonly unwanted: readonly string[];
};

/**
 * Decides which headers to write, so that the upstream server receives the recorded ones.
 *
 * @param authority the value that the client itself sends in `Host`
 * @param bodyBytes undefined if no body is sent
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
  // A redacted body has no coding.
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
  // In HTTP/2 the authority replaces the Host of HTTP/1.
  if (request.httpVersion.startsWith('1')) added.push('host');
  if (bodyBytes !== undefined) added.push('content-type');
  if ((bodyBytes ?? 0) >= EXPECTING_BYTES) added.push('expect');
  return added.filter((name) => !had.has(name));
}

/** RFC 9110, 5.5 and 5.6.2. Other pairs, such as HTTP/2 pseudo-headers, are not header lines. */
function isSendable([name, value]: Header): boolean {
  return isToken(name) && !/[\0\r\n]/.test(value);
}
