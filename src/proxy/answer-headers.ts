import { type Header, headerValues } from '../exchange.ts';
import type { ClientRequest } from './answer.ts';
import { endToEnd, hasHeader } from './headers.ts';
import type { AnswerHead } from './http1/answer-reader.ts';

const bodiless: ReadonlySet<number> = new Set([204, 304]);

// Node refuses to announce trailers after a body that is not chunked.
const notForFramed: ReadonlySet<string> = new Set(['trailer']);

/**
 * The header lines of an answer as sent to the client: without the upstream's hop-by-hop lines and with at most one length.
 *
 * @param request its protocol determines what the answer can hold
 */
export function answerHeaders(
  { httpVersion, status, headers }: Pick<AnswerHead, 'httpVersion' | 'status' | 'headers'>,
  request: ClientRequest,
): Header[] {
  const isOverHttp2 = 'stream' in request && httpVersion === '2.0';
  const framed =
    request.method === 'HEAD' ||
    request.httpVersion === '1.0' ||
    bodiless.has(status) ||
    hasHeader(headers, 'content-length');
  const lines = oneLength(endToEnd(headers, framed && !isOverHttp2 ? notForFramed : undefined));
  // HTTP/2 enforces the length.
  if ('stream' in request && status === 204) return lines.filter(([name]) => !isLength(name));
  // Codings other than `chunked` remain on the body.
  const codings = headerValues(headers, 'transfer-encoding').join(', ');
  if (request.httpVersion === '1.1' && /,.*chunked *$/i.test(codings))
    lines.push(['Transfer-Encoding', codings]);
  return lines;
}

// A repeated length is forwarded once (RFC 9110 8.6).
function oneLength(headers: Header[]): Header[] {
  const [first, ...others] = headers.filter(([name]) => isLength(name));
  if (first === undefined || (others.length === 0 && !first[1].includes(','))) return headers;
  return headers.flatMap((line): Header[] => {
    if (line === first) return [[line[0], line[1].split(',')[0]?.trim() ?? '']];
    return isLength(line[0]) ? [] : [line];
  });
}

const isLength = (name: string) => name.length === 14 && name.toLowerCase() === 'content-length';
