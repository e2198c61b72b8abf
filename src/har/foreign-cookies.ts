import type { Header } from '../exchange.ts';

/**
 * The header lines with one for each cookie, where mitmproxy before 10.1 joined them with commas. Dates have commas as
 * well: where a cookie begins, the list of their names tells.
 *
 * @param cookies those that were set, as the entry lists them
 */
export function withCookiesApart(
  headers: Header[],
  cookies: readonly { readonly name: string }[],
): Header[] {
  const isSetCookie = ([name]: Header) => name.toLowerCase() === 'set-cookie';
  if (cookies.length < 2 || headers.filter(isSetCookie).length !== 1) return headers;
  return headers.flatMap((header): Header[] => {
    if (!isSetCookie(header)) return [header];
    const [name, value] = header;
    return linesOf(value, cookies).map((line): Header => [name, line]);
  });
}

function linesOf(value: string, [, ...cookies]: readonly { readonly name: string }[]): string[] {
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
