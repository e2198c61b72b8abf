import type { Header } from '../exchange.ts';

/** Header lines as Node takes and gives them: name, value, name, value, … */
export type FlatHeaders = string[];

/**
 * Names that speak about one connection only and end there (RFC 9110 7.6.1), with the proxy's own
 * fields (RFC 9110 11.7) and the framing that the next hop computes afresh (RFC 9112 6.1).
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

/** Pairs a flat list, leaving out the pseudo-headers of HTTP/2 (RFC 9113 8.3). */
export function pairHeaders(flat: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = flat[i] as string;
    if (name.charCodeAt(0) !== 0x3a /* : */) headers.push([name, flat[i + 1] as string]);
  }
  return headers;
}

/**
 * The Cookie lines of an HTTP/2 request, which may come in crumbs, as the one that HTTP/1.1 knows
 * (RFC 9113 8.2.3), where the first of them stood.
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

/** Flattens header pairs again. */
export function flattenHeaders(headers: readonly Header[]): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

/**
 * The header lines that go on to the next hop: without the hop-by-hop names and without what
 * `Connection` lists (RFC 9110 7.6.1). Order, case and duplicates of the rest stay.
 *
 * @param dropped further names to leave out, lower case
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
 * Whether there is a line with this name whose value passes a test. It runs for every exchange, so
 * names of another length are not looked at closer.
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

/** Whether the sender takes trailers behind an answer (`TE: trailers`, RFC 9110 10.1.4). */
export function takesTrailers(headers: readonly Header[]): boolean {
  return hasHeader(headers, 'te', (value) => /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value));
}

// `close` and `keep-alive` are no header names; by far the most messages list nothing else. Fields
// that the message cannot do without are never dropped because Connection names them.
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
 * Header lines as HTTP/2 wants them: an object of lower-case names, duplicates as arrays. It has no
 * prototype, so that `__proto__` and `constructor` are names like any other.
 */
export function headerObject(headers: readonly Header[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = object[key];
    if (before === undefined) object[key] = value;
    else if (Array.isArray(before)) before.push(value);
    // Node refuses an array for the fields that may occur once; the first one counts then.
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
