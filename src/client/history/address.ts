/** A URL in the pieces that a row shows. */
export type Address = {
  /** `https`; empty when there is none. */
  readonly scheme: string;
  /** Host and, unless it is the usual one, port. */
  readonly host: string;
  /** Path and query, as sent. */
  readonly path: string;
};

/**
 * Cuts a URL by its delimiters (RFC 3986 section 3) without parsing it: what was captured is shown as it was sent, also
 * when it is no valid URL.
 */
export function addressOf(url: string): Address {
  const colon = url.indexOf('://');
  const start = colon < 0 ? 0 : colon + 3;
  const end = authorityEnd(url, start);
  return {
    scheme: colon < 0 ? '' : url.slice(0, colon),
    host: url.slice(start, end),
    path: url.slice(end) || '/',
  };
}

/** The host and port of a URL, in lower case: what calls are counted by. */
export function hostOf(url: string): string {
  const colon = url.indexOf('://');
  const start = colon < 0 ? 0 : colon + 3;
  return url.slice(start, authorityEnd(url, start)).toLowerCase();
}

function authorityEnd(url: string, start: number): number {
  for (let at = start; at < url.length; at += 1) {
    const code = url.charCodeAt(at);
    // `/`, `?` and `#`
    if (code === 0x2f || code === 0x3f || code === 0x23) return at;
  }
  return url.length;
}

const TAIL = 18;

/**
 * Cuts a path in two where an ellipsis may go: the last characters always stay to be seen, for the ends of paths differ
 * most. Short ones are not cut.
 */
export function splitPath(path: string): readonly [head: string, tail: string] {
  const characters = path.length;
  if (characters <= 2 * TAIL) return [path, ''];
  // Never between the halves of a surrogate pair.
  const low = path.charCodeAt(characters - TAIL);
  const cut = characters - TAIL + (low >= 0xdc00 && low <= 0xdfff ? 1 : 0);
  return [path.slice(0, cut), path.slice(cut)];
}
