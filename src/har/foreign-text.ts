import { domainToASCII } from 'node:url';

/**
 * Encodes a URL for a request line (RFC 3986). Some programs write it as displayed, with characters of any language.
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

/** A header's value as its bytes on the wire; a text outside Latin-1 was sent as UTF-8. */
export function latin1Value(value: string): string {
  return /^[\0-\xff]*$/.test(value) ? value : Buffer.from(value).toString('latin1');
}
