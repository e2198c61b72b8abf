import type { Header } from '../exchange.ts';
import { type Destination, destinationOf } from './destination.ts';

/** A server that is asked through the proxy's own address. */
export type ReverseTarget = {
  /** The beginning of the paths that lead to it, such as `/api`; empty for all paths. */
  readonly prefix: string;
  /** `https://example.com:8443/base`; the rest of the path goes behind it. */
  readonly url: string;
};

/** What a request to the proxy itself becomes, and what its answer becomes on the way back. */
export type Reversed = {
  readonly destination: Destination;
  readonly rewriteAnswer: (headers: readonly Header[]) => readonly Header[];
};

/**
 * Finds the server for a request that was addressed to the proxy itself.
 *
 * @param target in origin-form, or absolute with the proxy's own authority
 * @param own the proxy as the client called it: `http://127.0.0.1:8080`
 * @returns undefined where no prefix fits
 */
export function reversed(
  targets: readonly ReverseTarget[],
  method: string,
  target: string,
  own: string,
): Reversed | undefined {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
  const found = [...targets]
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .find(({ prefix }) => isBelow(path, prefix));
  if (found === undefined) return undefined;
  const rest = path.slice(found.prefix.length);
  const url = `${found.url.replace(/\/$/, '')}${/^[/?]|^$/.test(rest) ? '' : '/'}${rest}`;
  const destination = destinationOf(method, url, [], { encrypted: false });
  if (destination === undefined) return undefined;
  return {
    destination: { ...destination, isReversed: true },
    rewriteAnswer: (headers) => headers.map((line) => ownLine(line, targets, own)),
  };
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (prefix === '' || /^$|^[/?]/.test(path.slice(prefix.length)));
}

/** Links lead back to the proxy, and cookies are for it. */
function ownLine(line: Header, targets: readonly ReverseTarget[], own: string): Header {
  const [name, value] = line;
  const key = name.toLowerCase();
  if (key === 'location' || key === 'content-location' || key === 'refresh')
    return [name, ownLinks(value, targets, own)];
  if (key === 'access-control-allow-origin') return [name, ownLinks(value, targets, own)];
  return key === 'set-cookie' ? [name, ownCookie(value, targets, own)] : line;
}

function ownLinks(text: string, targets: readonly ReverseTarget[], own: string): string {
  for (const { url, prefix } of [...targets].sort((a, b) => b.url.length - a.url.length)) {
    const base = url.replace(/\/$/, '');
    const at = text.toLowerCase().indexOf(base.toLowerCase());
    if (at < 0 || !/^$|^[/?#;, ]/.test(text.slice(at + base.length))) continue;
    return `${text.slice(0, at)}${own}${prefix}${text.slice(at + base.length)}`;
  }
  return text;
}

/** RFC 6265, 5.3: without a domain it is for the host that set it; browsers keep no `Secure` cookie of a plain origin. */
function ownCookie(line: string, targets: readonly ReverseTarget[], own: string): string {
  const isPlain = own.startsWith('http:');
  const [first = '', ...attributes] = line.split(';');
  const kept = attributes.filter((attribute) => {
    const name = attribute.trim().toLowerCase();
    return (
      !name.startsWith('domain=') && !(isPlain && (name === 'secure' || name === 'samesite=none'))
    );
  });
  const [only] = targets;
  const prefix = targets.length === 1 ? (only?.prefix ?? '') : '';
  const placed = kept.map((attribute) =>
    prefix === '' ? attribute : attribute.replace(/^(\s*path=)(?=\/)/i, `$1${prefix}`),
  );
  return [first, ...placed].join(';');
}
