import { type Header, headerValues } from '../../exchange.ts';
import { endToEnd, takesTrailers } from '../headers.ts';
import type { RequestFraming } from '../upstream-exchange.ts';

/**
 * The header lines of a request as sent over HTTP/1.1: without the client's hop-by-hop lines; the rest keep their order
 * and case. Host keeps its position and names the destination.
 *
 * @param headers as received
 * @param host the value of Host
 * @param body the framing of the outgoing body
 * @param upgrade keeps the lines that request a WebSocket (RFC 6455 4.1)
 */
export function outgoingHeaders(
  headers: readonly Header[],
  host: string,
  body: RequestFraming,
  upgrade: boolean,
): Header[] {
  const kept = upgrade
    ? handshake(headers)
    : endToEnd(headers, body === 'chunked' ? undefined : trailer);
  const lines: Header[] = [];
  let hasHost = false;
  for (const line of kept) {
    const isHost = line[0].length === 4 && line[0].toLowerCase() === 'host';
    if (isHost) hasHost = true;
    lines.push(isHost && line[1] !== host ? [line[0], host] : line);
  }
  if (!hasHost) lines.unshift(['Host', host]);
  // Fields that concern the next connection (RFC 9110 7.6.1, 10.1.4).
  if (!upgrade && takesTrailers(headers)) lines.push(['TE', 'trailers'], ['Connection', 'TE']);
  if (body === 'chunked') lines.push(['Transfer-Encoding', codingsOf(headers)]);
  return lines;
}

// Only the connection fields that request the switch remain (RFC 9110 7.8), in their positions.
function handshake(headers: readonly Header[]): Header[] {
  const endToEndLines = new Set(endToEnd(headers));
  let asked = false;
  return headers.flatMap((line): Header[] => {
    const name = line[0].toLowerCase();
    if (name === 'upgrade' || endToEndLines.has(line)) return [line];
    if (name !== 'connection' || asked) return [];
    asked = true;
    return [[line[0], 'Upgrade']];
  });
}

// Other codings before `chunked` remain on the body.
function codingsOf(headers: readonly Header[]): string {
  return headerValues(headers, 'transfer-encoding').join(', ') || 'chunked';
}

// A body of known length has no trailers (RFC 9112 7.1.2).
const trailer: ReadonlySet<string> = new Set(['trailer']);
