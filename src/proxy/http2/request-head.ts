import type { OutgoingHttpHeaders } from 'node:http2';
import type { Header } from '../../exchange.ts';
import type { Destination } from '../destination.ts';
import { endToEnd, headerObject, takesTrailers } from '../headers.ts';
import { checkHeader, checkMethod, checkTarget } from '../sendable.ts';

const pseudo: ReadonlySet<string> = new Set(['host']);
const pseudoAndTrailer: ReadonlySet<string> = new Set(['host', 'trailer']);

/**
 * A request's head in HTTP/2 form (RFC 9113 8.2, 8.3): names in lower case, `:authority` instead of Host, no fields about
 * the client's own connection except `TE: trailers`.
 *
 * @param hasBody whether trailers can follow
 * @throws UnsendableRequest when a part is invalid in a head
 */
export function requestHeaders(
  method: string,
  destination: Pick<Destination, 'encrypted' | 'host' | 'path'>,
  headers: readonly Header[],
  hasBody: boolean,
): OutgoingHttpHeaders {
  checkMethod(method);
  checkTarget(destination.path);
  const lines = endToEnd(headers, hasBody ? pseudo : pseudoAndTrailer);
  if (takesTrailers(headers)) lines.push(['te', 'trailers']);
  lines.forEach(checkHeader);
  checkHeader(['host', destination.host]);
  const head: OutgoingHttpHeaders = headerObject(lines);
  // Node sends these first.
  head[':method'] = method;
  head[':scheme'] = destination.encrypted ? 'https' : 'http';
  head[':authority'] = destination.host;
  head[':path'] = destination.path;
  return head;
}
