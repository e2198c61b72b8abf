import type { Exchange, Recording } from '../exchange.ts';
import { asBuffer } from '../http/body-text.ts';
import { decodeContent } from '../http/content-coding.ts';
import { CallIndex, type Match } from './call-index.ts';
import type { Ignored } from './differences.ts';
import type { AskedRequest } from './request-parts.ts';

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
  match(request: AskedRequest): Promise<Match>;
  /** The exchange at the position of a match. */
  exchangeAt(place: number): Promise<Exchange>;
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
  const places: { readonly recording: Recording; readonly place: number }[] = [];
  const exchangeAt = async (at: number): Promise<Exchange> => {
    const { recording, place } = places[at] ?? {};
    for await (const exchange of recording?.read([place ?? 0]) ?? []) return exchange;
    throw new RangeError(`no exchange at ${at}`);
  };
  const requestAt = async (place: number) => askedOf(await exchangeAt(place));
  const index = new CallIndex({ isIgnored, once, requestAt });
  let unanswered = 0;
  let superseded = 0;
  for (const recording of recordings) {
    const isFirst = places.length === 0;
    const own: { readonly at: number; readonly request: AskedRequest; readonly status: number }[] =
      [];
    let place = 0;
    for await (const exchange of recording.read()) {
      const status = answeredWith(exchange);
      if (status !== undefined) {
        const at = places.push({ recording, place }) - 1;
        const request = await askedOf(exchange);
        // Repeated requests within a recording must not replace each other.
        if (isFirst) index.add(at, request, status);
        else own.push({ at, request, status });
      } else unanswered += 1;
      place += 1;
    }
    superseded += index.supersede(own);
    for (const { at, request, status } of own) index.add(at, request, status);
  }
  return {
    get size() {
      return index.size;
    },
    unanswered,
    superseded,
    origins: index.origins,
    match: (request) => index.match(request),
    exchangeAt,
    unasked: () => index.unasked(),
  };
}

/**
 * The status of an answer that can be replayed completely; undefined if there is none. Browsers write 0 for failed
 * requests, and a status below 200 only answers the handshake of a WebSocket.
 */
function answeredWith({ outcome, webSocket }: Exchange): number | undefined {
  if (outcome.kind !== 'completed' || outcome.response?.body?.cut) return undefined;
  const { status = 0 } = outcome.response ?? {};
  const isFinal = Number.isInteger(status) && status >= 200 && status <= 999;
  return isFinal || (status === 101 && webSocket) ? status : undefined;
}

/** The request of an exchange, as it is looked up. */
export async function askedOf({ request, webSocket }: Exchange): Promise<AskedRequest> {
  const { method, url, headers, body } = request;
  const asked = { method, url: url.replace(/^ws(s?:)/i, 'http$1'), headers };
  if (webSocket) return { ...asked, isUpgrade: true };
  return body ? { ...asked, body: withoutCoding(await body.bytes(), body.encoding) } : asked;
}

/** A body without its content codings, or unchanged if it cannot be decoded. */
export function withoutCoding(bytes: Uint8Array, encoding: readonly string[]): Buffer {
  const decoded = decodeContent(bytes, encoding, MOST_DECODED);
  return asBuffer('fault' in decoded ? bytes : decoded.bytes);
}
