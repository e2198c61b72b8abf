import type { Header } from '../exchange.ts';

/** Header lines in Node's format: name, value, name, value, … */
export type FlatHeaders = string[];

/**
 * Names that concern one connection only (RFC 9110 7.6.1), the proxy's own fields
 * (RFC 9110 11.7), and the framing, which is recomputed for the next hop (RFC 9112 6.1).
 */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
]);

/** Turns a flat list into pairs, without the HTTP/2 pseudo-headers (RFC 9113 8.3). */
export function pairHeaders(flat: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = flat[i] as string;
    if (name.charCodeAt(0) !== 0x3a /* : */) headers.push([name, flat[i + 1] as string]);
  }
  return headers;
}

/**
 * Joins the Cookie lines of an HTTP/2 request, which may be split, into the single line of HTTP/1.1
 * (RFC 9113 8.2.3), at the position of the first one.
 */
export function joinCookieCrumbs(headers: readonly Header[]): readonly Header[] {
  const crumbs = headers.filter(isCookie);
  if (crumbs.length < 2) return headers;
  const joined: Header = ['cookie', crumbs.map(([, value]) => value).join('; ')];
  return headers.flatMap((header) => {
    if (!isCookie(header)) return [header];
    return header === crumbs[0] ? [joined] : [];
  });
}

const isCookie = ([name]: Header) => name === 'cookie';

/** Flattens header pairs. */
export function flattenHeaders(headers: readonly Header[]): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

/**
 * The header lines for the next hop: without the hop-by-hop names and the names that
 * `Connection` lists (RFC 9110 7.6.1). The rest keep their order, case and duplicates.
 *
 * @param dropped more names to leave out, lower case
 */
export function endToEnd(headers: readonly Header[], dropped?: ReadonlySet<string>): Header[] {
  const listed = connectionOptions(headers);
  const kept: Header[] = [];
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (!hopByHop.has(name) && !dropped?.has(name) && !listed?.has(name)) kept.push(header);
  }
  return kept;
}

/**
 * Whether a line with this name has a value that passes a test. It runs for every exchange, so
 * names of another length are skipped.
 *
 * @param wanted lower case
 */
export function hasHeader(
  headers: readonly Header[],
  wanted: string,
  test?: (value: string) => boolean,
): boolean {
  for (const [name, value] of headers) {
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue;
    if (test === undefined || test(value)) return true;
  }
  return false;
}

/** Whether the sender accepts trailers after an answer (`TE: trailers`, RFC 9110 10.1.4). */
export function takesTrailers(headers: readonly Header[]): boolean {
  return hasHeader(headers, 'te', (value) => /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value));
}

// `close` and `keep-alive` are not header names, and most messages list nothing else. Fields that
// the message requires are never dropped because Connection names them.
function connectionOptions(headers: readonly Header[]): Set<string> | undefined {
  let listed: Set<string> | undefined;
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const option of value.toLowerCase().split(',')) {
      const field = option.trim();
      if (field === 'close' || field === 'keep-alive' || essential.has(field)) continue;
      listed ??= new Set();
      listed.add(field);
    }
  }
  return listed;
}

const essential: ReadonlySet<string> = new Set(['', 'host', 'content-length', 'content-type']);

/**
 * Header lines for HTTP/2: an object of lower-case names, with duplicates as arrays. It has no
 * prototype, so `__proto__` and `constructor` are ordinary names.
 */
export function headerObject(headers: readonly Header[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = object[key];
    if (before === undefined) object[key] = value;
    else if (Array.isArray(before)) before.push(value);
    // Node refuses an array for fields that may occur only once; the first value is used.
    else if (!singleton.has(key)) object[key] = [before, value];
  }
  return object;
}

const singleton: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'server',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);
