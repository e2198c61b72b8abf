/** Where connections arrive; high, so that it is in nobody's way. */
export const RELAY_PORT = 65_533;
/** Where questions to DNS servers arrive. */
export const RESOLVER_PORT = 65_534;

const TABLE = 'inet pmproxy';

/**
 * What happens to the packets of isolated programs, for `nft -f` (nft(8)). All addresses are local in the namespace, so
 * that a connection keeps the address that it was made to, and only its port changes.
 *
 * - Connections to this machine are left alone, unless they go to a port of the set `outside`: there, something outside of
 *   the namespace listens.
 * - UDP is for DNS. Everything else is refused with an ICMP message, so that clients of QUIC turn to TCP at once.
 *
 * @param own addresses of this machine besides loopback
 */
export function packetRules(own: readonly string[]): string {
  const v4 = ['127.0.0.0/8', ...own.filter((address) => !address.includes(':'))].join(', ');
  const v6 = ['::1', ...own.filter((address) => address.includes(':'))].join(', ');
  return `table ${TABLE} {
  set outside { type inet_service; }
  chain redirected {
    type nat hook output priority -100;
    meta nfproto ipv4 udp dport 53 dnat ip to 127.0.0.1:${RESOLVER_PORT}
    meta nfproto ipv6 udp dport 53 dnat ip6 to [::1]:${RESOLVER_PORT}
    ip daddr { ${v4} } tcp dport != @outside return
    ip6 daddr { ${v6} } tcp dport != @outside return
    meta l4proto tcp dnat to :${RELAY_PORT}
  }
  chain refused {
    type filter hook output priority 0;
    ip daddr { ${v4} } return
    ip6 daddr { ${v6} } return
    meta l4proto udp reject
    icmp type echo-request reject
    icmpv6 type echo-request reject
  }
}
`;
}

/** The command for `nft` by which these ports, and no others, are those at which something outside listens. */
export function outsidePortsCommand(ports: readonly number[]): string {
  const flush = `flush set ${TABLE} outside`;
  return ports.length === 0
    ? flush
    : `${flush}; add element ${TABLE} outside { ${ports.join(', ')} }`;
}
