import type { ClientRequest } from './answer.ts';
import { BadRequest } from './destination.ts';

/**
 * Refuses HTTP/1 heads that Node's parser accepts but that must be answered 400: a head without a version (HTTP/0.9), an
 * HTTP/1.1 head without Host (RFC 9112 3.2), and ambiguous chunking: `chunked` must be the last coding and occur once,
 * and HTTP/1.0 has no codings (RFC 9112 6.1, 11.2).
 *
 * @throws BadRequest
 */
export function checkHead(request: ClientRequest): void {
  if ('stream' in request) return;
  const { httpVersion, headers } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw new BadRequest(`HTTP/${httpVersion} is not supported.`);
  if (httpVersion === '1.1' && headers.host === undefined)
    throw new BadRequest('The request has no Host header (RFC 9112 3.2).');
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  const codings = coding.toLowerCase().split(',');
  const at = codings.findIndex((one) => one.trim() === 'chunked');
  if (at !== codings.length - 1 || httpVersion === '1.0')
    throw new BadRequest(`A Transfer-Encoding of ${JSON.stringify(coding)} is not supported.`);
}
