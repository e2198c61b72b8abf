/** Ports inside at which pmproxy receives the traffic of isolated programs; high, to avoid conflicts. */
export const PORTS = {
  /** Connections whose original port only the client's socket knows. */
  any: 65_530,
  /** Connections to port 80. */
  http: 65_531,
  /** Connections to port 443. */
  https: 65_532,
  /** Connections to this machine; their address encodes the port, see {@link loopbackPort}. */
  loopback: 65_533,
  /** DNS queries. */
  questions: 65_534,
  /** Nothing listens on this port. */
  closed: 65_535,
} as const;

const TABLE = 'inet pmproxy';

/**
 * Returns the rules for the packets of isolated programs, for `nft -f` (nft(8)). All addresses are local in the namespace,
 * so that a connection keeps its destination address, and only its port changes.
 *
 * - Connections to this machine are not changed, unless a server outside of the namespace listens on their port.
 * - Of UDP, only DNS is answered. Other packets go to a closed port, which the kernel reports at once, so that QUIC clients
 *   switch to TCP. Otherwise a server inside might have the same port. Pings are refused: every address would answer.
 *
 * @param own addresses of this machine besides loopback
 */
export function packetRules(own: readonly string[]): string {
  const v4 = ['127.0.0.0/8', ...own.filter((address) => !address.includes(':'))].join(', ');
  const v6 = ['::1', ...own.filter((address) => address.includes(':'))].join(', ');
  return `table ${TABLE} {
  set outside { type inet_service; }
  map outside4 { type inet_service : ipv4_addr . inet_service; }
  map outside6 { type inet_service : ipv6_addr . inet_service; }
  chain redirected {
    type nat hook output priority -100;
    meta nfproto ipv4 udp dport 53 dnat ip to 127.0.0.1:${PORTS.questions}
    meta nfproto ipv6 udp dport 53 dnat ip6 to [::1]:${PORTS.questions}
    ip daddr 127.0.0.1 dnat ip to tcp dport map @outside4
    ip6 daddr ::1 dnat ip6 to tcp dport map @outside6
    ip daddr 127.0.0.1 return
    ip6 daddr ::1 return
    ip daddr { ${v4} } tcp dport != @outside return
    ip6 daddr { ${v6} } tcp dport != @outside return
    tcp dport 80 dnat to :${PORTS.http}
    tcp dport 443 dnat to :${PORTS.https}
    meta l4proto tcp dnat to :${PORTS.any}
    ip daddr { ${v4} } return
    ip6 daddr { ${v6} } return
    meta l4proto udp dnat to :${PORTS.closed}
  }
  chain refused {
    type filter hook output priority 0;
    ip daddr { ${v4} } return
    ip6 daddr { ${v6} } return
    icmp type echo-request reject
    icmpv6 type echo-request reject
  }
}
`;
}

/** Ports of this machine, in ascending order. */
export type PortsInUse = {
  /** At any address. */
  readonly any: readonly number[];
  /** At 127.0.0.1. */
  readonly v4: readonly number[];
  /** At ::1. */
  readonly v6: readonly number[];
};

/** Returns the `nft` command that sets exactly these ports as those with a server outside. */
export function outsidePortsCommand({ any, v4, v6 }: PortsInUse): string {
  const collections = [
    ['set', 'outside', any, String],
    ['map', 'outside4', v4, (port: number) => `${port} : ${address4(port)} . ${PORTS.loopback}`],
    ['map', 'outside6', v6, (port: number) => `${port} : ${address6(port)} . ${PORTS.loopback}`],
  ] as const;
  return collections
    .flatMap(([kind, name, ports, element]) => [
      `flush ${kind} ${TABLE} ${name}`,
      ...(ports.length === 0
        ? []
        : [`add element ${TABLE} ${name} { ${ports.map(element).join(', ')} }`]),
    ])
    .join('; ');
}

// Part of loopback, and of the discard prefix (RFC 6666).
const PREFIX4 = '127.100.';
const address4 = (port: number) => `${PREFIX4}${port >> 8}.${port & 255}`;
const address6 = (port: number) => `100::${port.toString(16)}`;

/** Returns the port of a connection to this machine that arrived at such an address; undefined for other addresses. */
export function loopbackPort(address: string): number | undefined {
  if (address.startsWith(PREFIX4)) {
    const [high = 0, low = 0] = address.slice(PREFIX4.length).split('.').map(Number);
    return high * 256 + low;
  }
  const [, digits] = /^100::([0-9a-f]{1,4})$/.exec(address) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
