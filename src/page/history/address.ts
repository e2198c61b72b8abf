/** A URL in the pieces that a row shows. */
export type Address = {
  /** `https`; empty when there is none. */
  readonly scheme: string;
  /** The host, with the port unless it is the default one. */
  readonly host: string;
  /** Path and query, as sent. */
  readonly path: string;
};

/**
 * Splits a URL by its delimiters (RFC 3986 section 3) without parsing it. A URL is shown as it was sent, even if it is not
 * valid.
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

/** The host and port of a URL, in lower case. Calls are counted by these. */
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

/** The pieces of a path, which are shortened one after the other where there is little room. */
export type PathPieces = {
  /** Shortened second. */
  readonly head: string;
  /** The last segment, in which paths differ most. Never shortened. */
  readonly tail: string;
  /** The query with its `?`. Shortened first. */
  readonly query: string;
};

/** Longer last segments are shortened too. */
const LONGEST_TAIL = 32;

/** Splits a path with its query into pieces, so that an ellipsis goes where it matters least. */
export function splitPath(path: string): PathPieces {
  const question = path.search(/[?#]/);
  const end = question < 0 ? path.length : question;
  // A slash at the end belongs to the segment before it.
  const slash = path.lastIndexOf('/', end - 2);
  const cut = slash > 0 && end - slash <= LONGEST_TAIL ? slash : end;
  return { head: path.slice(0, cut), tail: path.slice(cut, end), query: path.slice(end) };
}
