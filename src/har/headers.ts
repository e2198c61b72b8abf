import type { Header } from '../exchange.ts';
import { latin1Value } from './foreign-text.ts';
import { type ReadHeaders, textOfValue } from './schema.ts';

/**
 * The header lines of a message, in Latin-1. HTTP/2 pseudo-headers, which the URL contains, are left out; lines that a
 * browser joined or a program put in a list are separated again.
 */
export function headersOf(headers: ReadHeaders): Header[] {
  const lines: Header[] = [];
  for (const { name, value } of headers) {
    if (name.startsWith(':')) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = latin1Value(textOfValue(one));
      if (!text.includes('\n')) lines.push([name, text]);
      else for (const line of text.split('\n')) lines.push([name, line]);
    }
  }
  return lines;
}
