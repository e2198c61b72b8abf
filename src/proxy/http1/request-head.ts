import type { Header } from '../../exchange.ts';
import { checkHeader, checkMethod, checkTarget } from '../sendable.ts';

/**
 * Writes a request's head (RFC 9112 2.1), in Latin-1. Nothing is added: the lines are written as given.
 *
 * @param target in the form that its recipient expects (RFC 9112 3.2)
 * @throws UnsendableRequest when a part has a character that ends it early, as HTTP/2 input may
 */
export function requestHead(method: string, target: string, headers: readonly Header[]): string {
  checkMethod(method);
  checkTarget(target);
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const header of headers) {
    checkHeader(header);
    head += `${header[0]}: ${header[1]}\r\n`;
  }
  return `${head}\r\n`;
}
