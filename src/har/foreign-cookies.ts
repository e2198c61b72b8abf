import { type Header, headerValue } from '../exchange.ts';
import { type ReadCookie, readCookies, textOfValue } from './schema.ts';

/** Adds a `Cookie` line if the entry has cookies only in their list. */
export function withCookies(headers: readonly Header[], list: unknown): readonly Header[] {
  if (headerValue(headers, 'cookie') !== undefined) return headers;
  const cookies = readCookies(list);
  if (cookies.length === 0) return headers;
  const pairs = cookies.map(({ name, value }) => `${name}=${textOfValue(value)}`);
  return [...headers, ['Cookie', pairs.join('; ')]];
}

/**
 * Gives each cookie that was set a header line, even if the entry has it only in the list or mitmproxy before 10.1 joined
 * them with commas. Dates contain commas too, so the listed names show where a cookie begins.
 *
 * @param list the cookies that were set, as listed in the entry
 */
export function withSetCookies(headers: readonly Header[], list: unknown): readonly Header[] {
  const lines = headers.filter(isSetCookie).length;
  if (lines > 1) return headers;
  const cookies = readCookies(list);
  if (lines === 0) {
    return cookies.length === 0 ? headers : [...headers, ...cookies.map(setCookieHeader)];
  }
  if (cookies.length < 2) return headers;
  return headers.flatMap((header): Header[] => {
    if (!isSetCookie(header)) return [header];
    const [name, value] = header;
    return linesOf(value, cookies).map((line): Header => [name, line]);
  });
}

function isSetCookie([name]: Header): boolean {
  return name.toLowerCase() === 'set-cookie';
}

/** RFC 6265, 4.1.1. */
function setCookieHeader(cookie: ReadCookie): Header {
  const { name, value, path, domain, expires, httpOnly, secure, sameSite } = cookie;
  const end = new Date(expires ?? Number.NaN);
  const attributes = [
    ...(path ? [`Path=${path}`] : []),
    ...(domain ? [`Domain=${domain}`] : []),
    ...(Number.isNaN(end.getTime()) ? [] : [`Expires=${end.toUTCString()}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    ...(sameSite ? [`SameSite=${sameSite}`] : []),
  ];
  return ['Set-Cookie', [`${name}=${textOfValue(value)}`, ...attributes].join('; ')];
}

function linesOf(value: string, [, ...cookies]: readonly ReadCookie[]): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const { name } of cookies) {
    const at = value.indexOf(`, ${name}=`, start);
    if (at === -1) continue;
    lines.push(value.slice(start, at));
    start = at + 2;
  }
  return [...lines, value.slice(start)];
}
