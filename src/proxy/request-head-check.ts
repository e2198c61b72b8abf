import type { ClientRequest } from './answer.ts';
import { BadRequest } from './destination.ts';

/**
 * Refuses a head over HTTP/1 that Node's parser lets pass and that has to be answered 400: without a version, which is
 * HTTP/0.9; of HTTP/1.1 and without Host (RFC 9112 3.2); with chunks that others may not see as such, for `chunked` has to be
 * the last coding, once, and HTTP/1.0 has no codings (RFC 9112 6.1, 11.2).
 *
 * @throws BadRequest
 */
export function checkHead(request: ClientRequest): void {
  if ('stream' in request) return;
  const { httpVersion, headers } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw new BadRequest(`HTTP/${httpVersion} cannot be carried.`);
  if (httpVersion === '1.1' && headers.host === undefined)
    throw new BadRequest('The request has no Host header (RFC 9112 3.2).');
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return;
  const codings = coding.toLowerCase().split(',');
  const at = codings.findIndex((one) => one.trim() === 'chunked');
  if (at !== codings.length - 1 || httpVersion === '1.0')
    throw new BadRequest(`A Transfer-Encoding of ${JSON.stringify(coding)} cannot be carried.`);
}
