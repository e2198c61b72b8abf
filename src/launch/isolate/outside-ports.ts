import { type Namespace, readTable } from './namespace.ts';
import { outsidePortsCommand } from './rules.ts';
import type { SocketRow } from './socket-table.ts';

/** Keeps a namespace's outside ports up to date. */
export type OutsidePorts = {
  /** Resolves when the ports that were in use when it began are known inside. */
  readonly known: Promise<void>;
  stop(): void;
};

const shortestWaitMs = 250;
/** Looking takes the kernel a while where its table of sockets is large; this is how much more it then rests. */
const restFactor = 25;

/**
 * Follows which ports of this machine have a server outside of the namespace and none inside of it: to those, isolated
 * programs connect through the proxy. At all other ports they meet their own servers, or nobody.
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
    const taken = listeningPorts(inside);
    const ports = [...listeningPorts(outside.flat())].filter((port) => !taken.has(port)).sort();
    if (ports.join() === current || isStopped) return;
    current = ports.join();
    await namespace.nft(outsidePortsCommand(ports));
  };
  const follow = async () => {
    const startedAt = performance.now();
    await look();
    if (isStopped) return;
    const tookMs = performance.now() - startedAt;
    timer = setTimeout(follow, Math.max(shortestWaitMs, restFactor * tookMs)).unref();
  };
  return {
    known: follow(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function listeningPorts(rows: readonly SocketRow[]): ReadonlySet<number> {
  return new Set(rows.filter(({ isListening }) => isListening).map(({ local }) => local.port));
}
