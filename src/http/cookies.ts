import { parseTarget } from './target.ts';

/** A cookie from a `Set-Cookie` line, with missing attributes filled in from the request (RFC 6265, 5.3). */
export type SetCookie = {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** No `Domain` attribute: clients return the cookie to this exact host only. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly expires?: string;
  readonly maxAge?: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
};

/** Parses a `Set-Cookie` value from the response to a request for `url`. */
export function parseSetCookie(value: string, url: string): SetCookie {
  const [pair = '', ...rest] = value.split(';');
  const equals = pair.indexOf('=');
  const attributes = attributesOf(rest);
  const target = parseTarget(url);
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
  const path = attributes.get('path');
  const expires = attributes.get('expires');
  const maxAge = attributes.get('max-age');
  return {
    name: pair.slice(0, Math.max(equals, 0)).trim(),
    value: pair.slice(equals + 1).trim(),
    domain: domain || target.host.toLowerCase(),
    hostOnly: !domain,
    path: path?.startsWith('/') ? path : defaultPath(target.path),
    ...(expires === undefined ? {} : { expires }),
    ...(maxAge === undefined ? {} : { maxAge }),
    httpOnly: attributes.has('httponly'),
    secure: attributes.has('secure'),
  };
}

/** Attribute names in lower case; the last of each counts (RFC 6265, 5.2). */
function attributesOf(parts: readonly string[]): Map<string, string> {
  return new Map(
    parts.map((part) => {
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      return [name.trim().toLowerCase(), equals < 0 ? '' : part.slice(equals + 1).trim()];
    }),
  );
}

/** RFC 6265, 5.1.4: the path up to, not including, its last slash. */
function defaultPath(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

/** Whether a cookie of one of these domains is sent to the host: to the domain itself and its subdomains. */
export function cookieReaches(host: string, domains: ReadonlySet<string>): boolean {
  if (domains.size === 0) return false;
  let rest = host.toLowerCase();
  while (rest !== '') {
    if (domains.has(rest)) return true;
    const dot = rest.indexOf('.');
    if (dot < 0) return false;
    rest = rest.slice(dot + 1);
  }
  return false;
}
