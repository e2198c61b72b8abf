import { hash } from 'node:crypto';
import type { RecordedRequest } from '../../exchange.ts';
import { contentTypeOf } from '../../http/content-type.ts';
import { isRestrictedHeader } from '../../http/restricted-headers.ts';
import { authOf } from '../auth.ts';

/**
 * The key that identical requests share: method, URL, the headers that are written, the body. The boundary of a
 * multipart body differs each time it is sent and does not count; nor do the changing parts of Digest credentials.
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
    const lasting = boundary ? value.replaceAll(boundary, '') : lastingPart(name, value);
    head += `\n${name.toLowerCase()}: ${lasting}`;
  }
  if (body === undefined) return hash('sha256', head, 'base64');
  const counted = boundary ? body.toString('latin1').replaceAll(boundary, '') : body;
  return hash('sha256', `${head}\n\n${hash('sha256', counted, 'base64')}`, 'base64');
}

/** Digest credentials are valid for one request (RFC 7616, 3.4); the user remains. */
function lastingPart(name: string, value: string): string {
  if (!value.startsWith('Digest ')) return value;
  const auth = authOf([[name, value]]);
  return auth?.type === 'digest' ? JSON.stringify(auth) : value;
}
