import { isIPv6 } from 'node:net';

/**
 * An address as written in URLs, without brackets and zone: `0x7f.1` and `2130706433` become `127.0.0.1`, an IPv4 address
 * inside an IPv6 address becomes the IPv4 address (RFC 4291, 2.5.5.2). Names become lower case (URL Standard, 3.5).
 *
 * @param host a name or an address, with or without brackets; without a port
 * @returns undefined for any other text
 */
export function canonicalHost(host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/s, '$1').replace(/^([\da-f:.]+)%.*$/is, '$1');
  if (/[/\\?#@\s]/.test(bare) || (bare.includes(':') && !isIPv6(bare))) return undefined;
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}`;
  if (!URL.canParse(url)) return undefined;
  const canonical = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
}

/**
 * Whether a host is always this machine: an address of 127.0.0.0/8 (RFC 1122, 3.2.1.3) or `::1` (RFC 4291, 2.5.3) in any
 * spelling, or `localhost`. Names below `localhost` are not: RFC 6761, 6.3 reserves them, but glibc's resolver queries
 * the network for them, and a token sent there could end up anywhere.
 *
 * @param host a name or an address, with or without brackets; without a port
 */
export function isLoopback(host: string): boolean {
  const canonical = canonicalHost(host);
  if (canonical === undefined) return false;
  return /^localhost\.?$|^::1$|^127(?:\.\d{1,3}){3}$/.test(canonical);
}
