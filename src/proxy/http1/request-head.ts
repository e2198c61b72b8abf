import type { Header } from '../../exchange.ts';
import { isFieldValue, isToken } from './head-lines.ts';

/** A request that cannot be put into HTTP/1.1 without changing what it means. */
export class UnsendableRequest extends Error {
  override name = 'UnsendableRequest';
}

/**
 * Writes a request's head (RFC 9112 2.1), in Latin-1. Nothing is added: the lines say what they are given to say.
 *
 * @param target in the form that its recipient expects (RFC 9112 3.2)
 * @throws UnsendableRequest when a part holds what would end it early, as what came over HTTP/2 may
 */
export function requestHead(method: string, target: string, headers: readonly Header[]): string {
  if (!isToken(method)) throw new UnsendableRequest(`${JSON.stringify(method)} is not a method`);
  if (!isTarget.test(target))
    throw new UnsendableRequest(`${JSON.stringify(target)} is not a target`);
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const [name, value] of headers) {
    if (!isToken(name) || !isFieldValue(value))
      throw new UnsendableRequest(`${JSON.stringify(`${name}: ${value}`)} is not a header line`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

// Raw bytes beyond ASCII are no URI, but servers know what they mean by them.
const isTarget = /^[\x21-\x7e\x80-\xff]+$/;
