import { isIP } from 'node:net';

/**
 * The host name in the SNI of a TLS handshake (RFC 6066 3), in lower case and without a trailing
 * dot. Clients also send values that are not host names: an address, a name with a port, a label of
 * more than 63 octets (RFC 1035 2.3.4). Such an SNI does not identify the destination.
 *
 * @param sni Node's value: `false` or `null` if the client sent none
 */
export function hostNameIn(sni: string | false | null | undefined): string | undefined {
  if (!sni) return undefined;
  const name = sni.replace(/\.$/, '').toLowerCase();
  return name.length <= 253 && isIP(name) === 0 && hostName.test(name) ? name : undefined;
}

// Underscores occur in names that are in use. A last label of digits alone is part of an address.
const hostName = /^(?:[a-z0-9_-]{1,63}\.)*(?!\d+$)[a-z0-9_-]{1,63}$/;
