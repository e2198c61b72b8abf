import { createServer, type Server, type Socket } from 'node:net';
import type { Front } from './front.ts';

/** Accepts connections at once, and hands them to the front, which takes longer to load than all else. */
export type Entrance = {
  readonly server: Server;
  /** Accepts a connection as if a CONNECT had named this target. */
  tunnel(socket: Socket, target: string): void;
  /** Loads the front, unless that was done. Without this, the first connection loads it. */
  load(): Promise<void>;
  /**
   * Accepts no more connections; those that are open stay.
   *
   * @returns resolves when the front has those that were accepted, and has read what they had sent
   */
  stop(): Promise<void>;
};

/**
 * @param loadFront called once
 * @param onBug called when the front cannot be loaded; connections are closed then
 */
export function createEntrance(
  loadFront: () => Promise<Front>,
  onBug: (error: Error) => void,
): Entrance {
  let front: Front | undefined;
  let loading: Promise<void> | undefined;
  const load = () => {
    loading ??= loadFront().then((loaded) => {
      front = loaded;
    }, onBug);
    return loading;
  };
  const admit = (socket: Socket, hand: (front: Front) => void) => {
    if (front !== undefined) {
      hand(front);
      return;
    }
    socket.on('error', () => {});
    void load().then(() => (front === undefined ? socket.destroy() : hand(front)));
  };
  const server = createServer((socket) =>
    admit(socket, (loaded) => loaded.server.emit('connection', socket)),
  );
  return {
    server,
    load,
    tunnel: (socket, target) => admit(socket, (loaded) => loaded.tunnel(socket, target)),
    async stop() {
      server.close();
      if (loading === undefined) return;
      await loading;
      front?.stop();
      // The front reads what a connection has sent in ticks.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
