import { isBelow, type ReverseTarget } from './reverse-links.ts';

/**
 * Rewrites a server's cookie for the proxy's origin. It loses `Domain`, so it applies to the host that set it
 * (RFC 6265, 5.3). On a plain origin it also loses `Secure` and the attributes that require it, `SameSite=None` and
 * `Partitioned`. Its path becomes the one under which the client reaches the server.
 *
 * @param line the value of a Set-Cookie line
 * @param from the target that answered
 * @param isPlain the client connects without TLS
 */
export function ownCookie(
  line: string,
  from: ReverseTarget,
  targets: readonly ReverseTarget[],
  isPlain: boolean,
): string {
  const [pair = '', ...attributes] = line.split(';');
  const domain = attributeIn(attributes, 'domain').replace(/^\./, '').toLowerCase();
  const isShared = domain !== '' && targets.every((target) => isForHost(target, domain));
  const kept = attributes.flatMap((attribute) => {
    const [, space = '', name = '', value] =
      /^(\s*)([^=\s]*)\s*(?:=\s*(.*?)\s*)?$/s.exec(attribute) ?? [];
    switch (name.toLowerCase()) {
      case 'domain':
        return [];
      case 'secure':
      case 'partitioned':
        return isPlain ? [] : [attribute];
      case 'samesite':
        return isPlain && value?.toLowerCase() === 'none' ? [] : [attribute];
      case 'path':
        return [`${space}${name}=${isShared ? '/' : ownPath(value ?? '', from)}`];
      default:
        return [attribute];
    }
  });
  return [pair, ...kept].join(';');
}

/** RFC 6265, 5.1.4: a path that is empty or relative means the folder of the request, which the client knows. */
function ownPath(path: string, { url, prefix }: ReverseTarget): string {
  if (!path.startsWith('/')) return path;
  const base = new URL(url).pathname.replace(/\/$/, '');
  if (path === '/' || base === path || base.startsWith(path.endsWith('/') ? path : `${path}/`))
    return prefix || '/';
  return prefix + (isBelow(path, base) ? path.slice(base.length) : path);
}

function attributeIn(attributes: readonly string[], name: string): string {
  const found = attributes.findLast((attribute) =>
    new RegExp(`^\\s*${name}\\s*=`, 'i').test(attribute),
  );
  return found?.slice(found.indexOf('=') + 1).trim() ?? '';
}

/** RFC 6265, 5.1.3. */
function isForHost({ url }: ReverseTarget, domain: string): boolean {
  const { hostname } = new URL(url);
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
