import { type Header, headerValues } from '../exchange.ts';
import { isToken } from '../http/token.ts';

/** The prefix that marks a header, as in PostmanProxy. */
const defaultPrefix = 'Postman-';

/** The result for a marked request. */
export type RewrittenRequest = {
  readonly headers: readonly Header[];
  /** The names that were set, as the client wrote them after the prefix, without duplicates. */
  readonly rewritten: readonly string[];
};

/** A marked header that cannot be set; the message is for the client that sent it. */
export class UnusableHeader extends Error {
  override name = 'UnusableHeader';
}

/** `Postman-Token` and PostmanProxy's exception: they have the prefix but mark no header. */
const unmarked: ReadonlySet<string> = new Set(['postman-token', 'postman-content-length']);

/**
 * Names that concern one connection or the framing of one message (RFC 9110 7.6.1 and 11.7, RFC 9112 6),
 * and Expect, which each hop handles itself (RFC 9110 10.1.1). Setting them would break the message or
 * have no effect, so they are refused.
 */
const refused: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110 5.5: a value is visible characters, obs-text, spaces and tabs. */
const impossibleInValue = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Whether a header has the prefix and so marks its request.
 *
 * @param name any case
 * @param prefix lower case
 */
export function isMarked(name: string, prefix: string): boolean {
  const key = name.toLowerCase();
  return key.startsWith(prefix) && !unmarked.has(key);
}

/**
 * Turns every `<prefix><Name>: v` into `<Name>: v`, replacing what the browser itself sent
 * under that name. Other headers keep their order, case and duplicates.
 *
 * @param headers the request's header lines as received
 * @param prefix any case
 * @returns undefined for a request without marked headers, which stays unchanged
 * @throws UnusableHeader when a marked name is invalid or concerns the connection or the framing, when
 *   a value is invalid, or when the requested Host is not a single host
 */
export function rewriteRequest(
  headers: readonly Header[],
  prefix: string = defaultPrefix,
): RewrittenRequest | undefined {
  const start = prefix.toLowerCase();
  const marked = headers.filter(([name]) => isMarked(name, start));
  if (marked.length === 0) return undefined;
  const names = new Map<string, string>();
  for (const [full, value] of marked) {
    const name = usableName(full, prefix);
    if (impossibleInValue.test(value)) {
      throw new UnusableHeader(`${full} has a character in its value that no header may have.`);
    }
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return { headers: replaced(headers, start, names), rewritten: [...names.values()] };
}

function usableName(full: string, prefix: string): string {
  const name = full.slice(prefix.length);
  if (!isToken(name)) throw new UnusableHeader(`${full} has no header name after ${prefix}.`);
  if (refused.has(name.toLowerCase())) {
    throw new UnusableHeader(
      `${full} cannot be set: ${name} is about this one connection or message.`,
    );
  }
  return name;
}

// Each name appears only at the position of its first marked line.
function replaced(
  headers: readonly Header[],
  prefix: string,
  names: ReadonlyMap<string, string>,
): Header[] {
  const result: Header[] = [];
  const single = new Set<string>();
  for (const header of headers) {
    const [full, value] = header;
    if (!isMarked(full, prefix)) {
      if (!names.has(full.toLowerCase())) result.push(header);
      continue;
    }
    const key = full.slice(prefix.length).toLowerCase();
    const name = names.get(key) ?? key;
    const one = onlyOne.get(key);
    if (one === undefined) {
      result.push([name, value]);
    } else if (!single.has(key)) {
      single.add(key);
      result.push([name, one(headerValues(headers, prefix + key), full)]);
    }
  }
  return result;
}

// A request has one Cookie line, with pairs separated by semicolons (RFC 6265 5.4), and one Host.
const onlyOne: ReadonlyMap<string, (values: readonly string[], full: string) => string> = new Map([
  ['cookie', (values: readonly string[]) => values.filter((value) => value !== '').join('; ')],
  ['host', onlyHost],
]);

function onlyHost([value = '', ...more]: readonly string[], full: string): string {
  if (more.length === 0 && authority.test(value)) return value;
  throw new UnusableHeader(`${full} must be one host, such as example.com:8080.`);
}

/** RFC 9110 7.2: uri-host with an optional port. */
const authority = /^(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(:\d{1,5})?$/i;

/** Which answers hide their redirects: those to marked requests, all, or none. */
export type Redirects = 'marked' | 'all' | 'none';

/**
 * Exposes headers to the page that its browser would act upon or hide: `Location` becomes
 * `<prefix>Location`, so that the browser does not follow it, and `Set-Cookie` is copied to
 * `<prefix>Set-Cookie`.
 *
 * @param marked whether the request was marked
 */
export function rewriteResponse(
  headers: readonly Header[],
  marked: boolean,
  redirects: Redirects = 'marked',
  prefix: string = defaultPrefix,
): readonly Header[] {
  const hides = redirects === 'all' || (redirects === 'marked' && marked);
  if (!hides && !marked) return headers;
  return headers.flatMap((header): Header[] => {
    const [name, value] = header;
    const key = name.toLowerCase();
    if (key === 'location' && hides) return [[`${prefix}${name}`, value]];
    if (key === 'set-cookie' && marked) return [header, [`${prefix}${name}`, value]];
    return [header];
  });
}
