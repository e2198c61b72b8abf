import { type Header, headerValue } from '../exchange.ts';
import { isLoopback } from '../http/loopback.ts';
import { type Destination, destinationOf } from './destination.ts';
import { ownCookie } from './reverse-cookies.ts';
import { createLinks, type ReverseTarget } from './reverse-links.ts';

export type { ReverseTarget } from './reverse-links.ts';

/** The rewritten form of a request to the proxy itself, and the rewriting of its answer. */
export type Reversed = {
  readonly destination: Destination;
  /** The request's header lines as they are sent and recorded. */
  readonly headers: readonly Header[];
  readonly rewriteAnswer: (headers: readonly Header[]) => readonly Header[];
};

/** A request that was addressed to the proxy itself. */
export type DirectRequest = {
  readonly method: string;
  /** In origin-form, or absolute with the proxy's own authority. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** The proxy's origin as used by the client: `http://127.0.0.1:8080`. */
  readonly own: string;
};

/**
 * Finds the server for a request that was addressed to the proxy itself. The longest prefix wins.
 *
 * @returns undefined if no prefix matches
 */
export function reversed(
  targets: readonly ReverseTarget[],
  { method, target, headers, own }: DirectRequest,
): Reversed | undefined {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
  const called = ownNames(own);
  const links = createLinks(targets, called);
  const url = links.toServer(path === '*' ? '' : path);
  if (url === undefined) return undefined;
  const destination = destinationOf(method, url.whole, [], { encrypted: false });
  if (destination === undefined) return undefined;
  // CORS compares the answer with the page's own origin, as the page spells it.
  const origin = headerValue(headers, 'origin');
  const pageOrigin = origin !== undefined && called(origin) ? origin : own;
  return {
    destination: { ...destination, isReversed: true },
    headers: headers.map(([name, value]): Header => {
      switch (name.toLowerCase()) {
        case 'host':
          return [name, destination.host];
        case 'origin':
          return [name, called(value) ? originOf(url.target) : value];
        case 'referer':
          return [name, links.toServerWhole(value) ?? value];
        default:
          return [name, value];
      }
    }),
    rewriteAnswer: (lines) =>
      lines.flatMap(([name, value]): Header[] => {
        switch (name.toLowerCase()) {
          case 'location':
          case 'content-location':
            return [[name, links.toProxy(value, url.target, own)]];
          // `5; url=/next`
          case 'refresh':
            return [
              [
                name,
                value.replace(/(url\s*=\s*["']?)([^"']+)/i, (_, before: string, link: string) => {
                  return before + links.toProxy(link, url.target, own);
                }),
              ],
            ];
          // RFC 8288, 3: `</users?page=2>; rel="next"`
          case 'link':
            return [
              [
                name,
                value.replace(/<([^<>]*)>/g, (_, link: string) => {
                  return `<${links.toProxy(link, url.target, own)}>`;
                }),
              ],
            ];
          case 'access-control-allow-origin':
            return [[name, isOriginOf(value, targets) ? pageOrigin : value]];
          case 'set-cookie':
            return [[name, ownCookie(value, url.target, targets, own.startsWith('http:'))]];
          // It would force the client to HTTPS on this name, also on other ports (RFC 6797, 8.3).
          case 'strict-transport-security':
          case 'alt-svc':
            return [];
          default:
            return [[name, value]];
        }
      }),
  };
}

/** Whether an origin is the proxy's: the one the client used, or another loopback name with the same port. */
function ownNames(own: string): (origin: string) => boolean {
  const { protocol, hostname, port } = new URL(own);
  return (origin) => {
    if (!URL.canParse(origin)) return false;
    const other = new URL(origin);
    if (other.protocol !== protocol || other.port !== port) return false;
    return other.hostname === hostname || (isLoopback(other.hostname) && isLoopback(hostname));
  };
}

const originOf = ({ url }: ReverseTarget) => new URL(url).origin;

function isOriginOf(value: string, targets: readonly ReverseTarget[]): boolean {
  return (
    URL.canParse(value) && targets.some((target) => originOf(target) === new URL(value).origin)
  );
}
