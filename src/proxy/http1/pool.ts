import type { UpstreamConnection } from './connection.ts';

/** Connections that wait for another request, by destination. */
export type ConnectionPool = {
  /** Takes the most recently used one, which its server is least likely to close. */
  take(place: string): UpstreamConnection | undefined;
  put(place: string, connection: UpstreamConnection): void;
  /** Forgets all of them. */
  clear(): void;
};

const sweepMs = 1000;

/** This many wait as long as their server allows; the rest of a burst are closed after a second. */
const keptEach = 2;

/** Makes a pool. Connections that are not reused in time are closed within a second. */
export function createPool(): ConnectionPool {
  const idle = new Map<string, UpstreamConnection[]>();
  let sweeper: NodeJS.Timeout | undefined;

  const sweep = () => {
    const recent = performance.now() - sweepMs;
    for (const [place, connections] of idle) {
      const spare = connections.length - keptEach;
      const kept = connections.filter((connection, i) => {
        if (connection.isUsable && (i >= spare || connection.idleSince > recent)) return true;
        connection.socket.destroy();
        return false;
      });
      if (kept.length > 0) idle.set(place, kept);
      else idle.delete(place);
    }
    if (idle.size === 0) stop();
  };
  const stop = () => {
    clearInterval(sweeper);
    sweeper = undefined;
  };

  return {
    take(place) {
      const connections = idle.get(place);
      for (let last = connections?.pop(); last !== undefined; last = connections?.pop()) {
        if (last.isUsable) return last;
        last.socket.destroy();
      }
      return undefined;
    },
    put(place, connection) {
      const connections = idle.get(place);
      if (connections) connections.push(connection);
      else idle.set(place, [connection]);
      sweeper ??= setInterval(sweep, sweepMs).unref();
    },
    clear() {
      stop();
      idle.clear();
    },
  };
}
