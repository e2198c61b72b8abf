import { type Exchange, headerValue, type RecordedResponse, type Recording } from '../exchange.ts';
import { asBuffer } from '../http/body-text.ts';
import { decodeContent } from '../http/content-coding.ts';
import type { CallPlace } from './call.ts';
import { CallIndex, type Match, type Nearest } from './call-index.ts';
import type { Ignored } from './differences.ts';
import { remembered } from './recent-exchanges.ts';
import type { AskedRequest } from './request-parts.ts';
import { withHost } from './unknown-host.ts';

/** The recorded answers, ready for lookup. */
export type RecordedCalls = {
  /** Calls that can be answered. */
  readonly size: number;
  /** Calls that cannot be answered: the answer is missing or incomplete. */
  readonly unanswered: number;
  /** Requests in several recordings; the answers of the last recording count. */
  readonly superseded: number;
  /** The origins in order of appearance. */
  readonly origins: ReadonlySet<string>;
  /** Finds the call that answers a request, and marks it as requested. */
  match(request: AskedRequest): Match;
  /** The recorded call most similar to a request that was not recorded. */
  nearest(request: AskedRequest): Promise<Nearest | undefined>;
  /** The exchange at the position of a match. */
  exchangeAt(place: CallPlace): Promise<Exchange>;
  /** Requests that were never made, in order. */
  unasked(): Iterable<{ readonly method: string; readonly url: string }>;
};

export type RecordedCallsOptions = { readonly isIgnored?: Ignored; readonly once?: boolean };

/** Larger bodies are compared as sent, still encoded. */
const MOST_DECODED = 64 * 1024 * 1024;

/**
 * Reads recordings and indexes the requests that they can answer. If several answer the same request, the last one counts.
 *
 * @param recordings must stay open and support random access
 */
export async function openRecordedCalls(
  recordings: readonly Recording[],
  { isIgnored = () => false, once = false }: RecordedCallsOptions = {},
): Promise<RecordedCalls> {
  const readAt = async ({ recording, place }: CallPlace): Promise<Exchange> => {
    for await (const exchange of recordings[recording]?.read([place]) ?? []) return exchange;
    throw new RangeError(`no exchange at ${place} of recording ${recording}`);
  };
  const exchangeAt = remembered(readAt);
  const requestAt = async (place: CallPlace) => askedOf(await readAt(place));
  const index = new CallIndex({ isIgnored, once, requestAt });
  let unanswered = 0;
  for (const [number, recording] of recordings.entries()) {
    let place = 0;
    for await (const exchange of recording.read()) {
      const status = answeredWith(exchange);
      if (status === undefined) unanswered += 1;
      else index.add({ recording: number, place }, await askedOf(exchange), status);
      place += 1;
    }
  }
  return {
    get size() {
      return index.size;
    },
    unanswered,
    superseded: index.superseded,
    origins: index.origins,
    match: (request) => index.match(request),
    nearest: (request) => index.nearest(request),
    exchangeAt,
    unasked: () => index.unasked(),
  };
}

/**
 * The status of an answer that can be replayed completely; undefined if there is none. Browsers write 0 for failed
 * requests, and a status below 200 only answers the handshake of a WebSocket.
 */
function answeredWith({ request, outcome, webSocket }: Exchange): number | undefined {
  if (outcome.kind !== 'completed' || outcome.response?.body?.cut) return undefined;
  if (outcome.response && lacksBody(request.method, outcome.response)) return undefined;
  const { status = 0 } = outcome.response ?? {};
  const isFinal = Number.isInteger(status) && status >= 200 && status <= 999;
  return isFinal || (status === 101 && webSocket) ? status : undefined;
}

/** Browsers leave out bodies without a mark (RFC 9110, 8.6 and 6.4.1). */
function lacksBody(method: string, { status, headers, body }: RecordedResponse): boolean {
  if (method === 'HEAD' || status === 204 || status === 304 || (body?.size ?? 0) > 0) return false;
  return Number(headerValue(headers, 'content-length') ?? 0) > 0;
}

/** The request of an exchange, as it is looked up. */
export async function askedOf({ request, webSocket }: Exchange): Promise<AskedRequest> {
  const { method, url, headers, body } = request;
  const asked = { method, url: withHost(url.replace(/^ws(s?:)/i, 'http$1')), headers };
  if (webSocket) return { ...asked, isUpgrade: true };
  return body ? { ...asked, body: withoutCoding(await body.bytes(), body.encoding) } : asked;
}

/** A body without its content codings, or unchanged if it cannot be decoded. */
export function withoutCoding(bytes: Uint8Array, encoding: readonly string[]): Buffer {
  const decoded = decodeContent(bytes, encoding, MOST_DECODED);
  return asBuffer('fault' in decoded ? bytes : decoded.bytes);
}
