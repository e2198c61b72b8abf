import { domainToASCII } from 'node:url';

/**
 * A URL as it can stand in a request line (RFC 3986). Some programs write it as they show it, in characters of any
 * language.
 */
export function asciiUrl(url: string): string {
  if (/^[\0-\x7f]*$/.test(url)) return url;
  const [, origin = '', target = ''] = /^(\w+:\/\/[^/?#]*)?(.*)$/s.exec(url) ?? [];
  return (
    origin.replace(/(?<=[@/])[^@/:]+(?=(?::\d*)?$)/, (host) => domainToASCII(host) || host) +
    target.replace(/[^\0-\x7f]+/g, (text) =>
      Buffer.from(text).toString('hex').toUpperCase().replace(/../g, '%$&'),
    )
  );
}

/** A header's value as the bytes that cross the wire; a text that is no Latin-1 was UTF-8 there. */
export function latin1Value(value: string): string {
  return /^[\0-\xff]*$/.test(value) ? value : Buffer.from(value).toString('latin1');
}
