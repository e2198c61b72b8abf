import { type Namespace, readTable } from './namespace.ts';
import { outsidePortsCommand, type PortsInUse } from './rules.ts';
import type { SocketRow } from './socket-table.ts';

/** Keeps a namespace's outside ports up to date. */
export type OutsidePorts = {
  /** Resolves when the ports in use at the call are set inside; rejects if they cannot be set. */
  readonly known: Promise<void>;
  stop(): void;
};

const shortestWaitMs = 250;
/** Reading a large socket table takes the kernel a while; the pause between reads is this many times longer. */
const restFactor = 25;

/**
 * Tracks which ports of this machine have a server outside of the namespace and none inside: isolated programs connect to
 * them through the proxy. At all other ports they reach their own servers, or none.
 */
export function followOutsidePorts(namespace: Pick<Namespace, 'sockets' | 'nft'>): OutsidePorts {
  let current = '';
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async () => {
    const [inside, ...outside] = await Promise.all([
      namespace.sockets(),
      readTable('/proc/net/tcp'),
      readTable('/proc/net/tcp6'),
    ]);
    const taken = new Set(inside.filter(isListening).map(portOf));
    const rows = outside.flat().filter((row) => isListening(row) && !taken.has(portOf(row)));
    const command = outsidePortsCommand(portsInUse(rows));
    if (command === current || isStopped) return;
    current = command;
    await namespace.nft(command);
  };
  const follow = async () => {
    const startedAt = performance.now();
    await look();
    if (isStopped) return;
    const tookMs = performance.now() - startedAt;
    // If the set-up was ended from outside, the ports set inside stay unchanged.
    const again = () => void follow().catch(() => {});
    timer = setTimeout(again, Math.max(shortestWaitMs, restFactor * tookMs)).unref();
  };
  return {
    known: follow(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

const isListening = (row: SocketRow) => row.isListening;
const portOf = ({ local }: SocketRow) => local.port;

/** Addresses at which a server is reached at 127.0.0.1, and at ::1: sockets for any IPv6 address usually take IPv4, too (ipv6(7)). */
const V4 = new Set(['127.0.0.1', '0.0.0.0', '::']);
const V6 = new Set(['::1', '::']);

// A client that tries ::1 first must be refused there, so that it tries 127.0.0.1 next.
function portsInUse(rows: readonly SocketRow[]): PortsInUse {
  const portsAt = (addresses?: ReadonlySet<string>) => {
    const there = rows.filter(({ local }) => addresses?.has(local.address) ?? true);
    return [...new Set(there.map(portOf))].sort((a, b) => a - b);
  };
  return { any: portsAt(), v4: portsAt(V4), v6: portsAt(V6) };
}
