import { readFile } from 'node:fs/promises';
import type { Namespace } from './namespace.ts';
import { readSocketTable, type SocketRow } from './socket-table.ts';

/** How long a server that starts outside, meanwhile, may be unknown inside. */
const intervalMs = 250;

/** Keeps a namespace's outside ports up to date. */
export type OutsidePorts = {
  /** Looks at once. */
  update(): Promise<void>;
  stop(): void;
};

/**
 * Follows which ports of this machine have a server outside of the namespace and none inside of it: to those, isolated
 * programs connect through the proxy. At all other ports they meet their own servers, or nobody.
 */
export function followOutsidePorts(
  namespace: Pick<Namespace, 'sockets' | 'setOutsidePorts'>,
): OutsidePorts {
  let current = '';
  const update = async () => {
    const [outside, inside] = await Promise.all([outsideSockets(), namespace.sockets()]);
    const taken = listeningPorts(inside);
    const ports = [...listeningPorts(outside)].filter((port) => !taken.has(port)).sort();
    if (ports.join() === current) return;
    current = ports.join();
    namespace.setOutsidePorts(ports);
  };
  const timer = setInterval(update, intervalMs).unref();
  return { update, stop: () => clearInterval(timer) };
}

async function outsideSockets(): Promise<SocketRow[]> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
  // Without IPv6 there is one of them.
  const texts = await Promise.all(tables.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap(readSocketTable);
}

function listeningPorts(rows: readonly SocketRow[]): ReadonlySet<number> {
  return new Set(rows.filter(({ isListening }) => isListening).map(({ local }) => local.port));
}
