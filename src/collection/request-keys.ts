import { createHash } from 'node:crypto';
import type { RecordedRequest } from '../exchange.ts';
import { contentTypeOf } from './content-type.ts';
import { isRestrictedHeader } from './restricted-headers.ts';

/**
 * What makes a request the same as another: method, URL, the headers that are written, the body. The boundary of a
 * multipart body is drawn anew for each sending and does not count.
 */
export function requestKey(
  { method, url, headers }: RecordedRequest,
  body: Buffer | undefined,
  { restrictedHeaders }: { readonly restrictedHeaders: boolean },
): string {
  const boundary = body && contentTypeOf(headers)?.parameters.get('boundary');
  let head = `${method} ${url}`;
  for (const [name, value] of headers) {
    if (!restrictedHeaders && isRestrictedHeader(name)) continue;
    head += `\n${name.toLowerCase()}: ${boundary ? value.replaceAll(boundary, '') : value}`;
  }
  const hash = createHash('sha256').update(head);
  if (body) {
    hash.update('\n\n').update(boundary ? body.toString('latin1').replaceAll(boundary, '') : body);
  }
  return hash.digest('base64');
}
