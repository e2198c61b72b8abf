/** A server that is reached through the proxy's own address. */
export type ReverseTarget = {
  /** The prefix of its paths, such as `/api`; empty for all paths. */
  readonly prefix: string;
  /** `https://example.com:8443/base`; the rest of the path is appended. */
  readonly url: string;
};

/** Turns links to the proxy into links to the servers behind it, and back. */
export type Links = {
  /** The server's URL for a path on the proxy, with its target; undefined if no prefix matches. */
  toServer(path: string): { readonly whole: string; readonly target: ReverseTarget } | undefined;
  /** The server's URL for a URL on the proxy; undefined for any other URL. */
  toServerWhole(url: string): string | undefined;
  /**
   * Rewrites a link in a server's answer to lead through the proxy. A link to another server, or to a path that no
   * target covers, leads there directly.
   *
   * @param from the target that answered
   * @param own the proxy's origin as used by the client
   */
  toProxy(link: string, from: ReverseTarget, own: string): string;
};

/**
 * @param isOwn whether an origin is the proxy's
 */
export function createLinks(
  targets: readonly ReverseTarget[],
  isOwn: (origin: string) => boolean,
): Links {
  const byPrefix = [...targets].sort((a, b) => b.prefix.length - a.prefix.length);
  const byBase = targets.map(placeOf).sort((a, b) => b.base.length - a.base.length);
  const toServer: Links['toServer'] = (path) => {
    const target = byPrefix.find(({ prefix }) => isBelow(path, prefix));
    if (target === undefined) return undefined;
    return { whole: joined(target.url, path.slice(target.prefix.length)), target };
  };
  return {
    toServer,
    toServerWhole(url) {
      const [origin, rest] = split(url) ?? [];
      return origin !== undefined && isOwn(origin) ? toServer(rest ?? '')?.whole : undefined;
    },
    toProxy(link, from, own) {
      const { origin, base } = placeOf(from);
      const [scheme = ''] = origin.split('//');
      const isPath = /^\/(?!\/)/.test(link);
      const absolute = isPath ? origin + link : link.startsWith('//') ? scheme + link : link;
      const [linked, rest = ''] = split(absolute) ?? [];
      // A path relative to the answer's own path is the same on both sides.
      if (linked === undefined) return link;
      const leads = (to: Place) => to.origin === new URL(linked).origin && isBelow(rest, to.base);
      const found = [{ origin, base, prefix: from.prefix }, ...byBase].find(leads);
      if (found === undefined) return absolute;
      const path = joined(found.prefix, rest.slice(found.base.length));
      return isPath ? path || '/' : own + path;
    },
  };
}

type Place = { readonly origin: string; readonly base: string; readonly prefix: string };

function placeOf({ url, prefix }: ReverseTarget): Place {
  const { origin, pathname } = new URL(url);
  return { origin, base: pathname.replace(/\/$/, ''), prefix };
}

/** Whether a path equals a prefix or is below it: `/apis` is not below `/api`. */
export function isBelow(path: string, prefix: string): boolean {
  return (path.startsWith(prefix) && /^$|^[/?#]/.test(path.slice(prefix.length))) || prefix === '';
}

/** The origin and the rest of an absolute URL, in their original spelling. */
function split(url: string): [origin: string, rest: string] | undefined {
  const [, origin, rest = ''] = /^(https?:\/\/[^/?#]+)(.*)$/is.exec(url) ?? [];
  return origin !== undefined && URL.canParse(origin) ? [origin, rest] : undefined;
}

function joined(base: string, rest: string): string {
  return base.replace(/\/$/, '') + (/^$|^[/?#]/.test(rest) ? rest : `/${rest}`);
}
