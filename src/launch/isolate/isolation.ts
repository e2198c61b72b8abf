import type { Socket } from 'node:net';
import { usageError } from '../../errors.ts';
import { findProgram } from '../programs.ts';
import { destinationFinder } from './destinations.ts';
import { isolatedEnvironment } from './environment.ts';
import { makeNamespace } from './namespace.ts';
import { followOutsidePorts, type OutsidePorts } from './outside-ports.ts';
import { createResolver } from './resolver.ts';

/** Takes a connection that leads to `host:port` or `[v6]:port`. */
type Tunnel = (socket: Socket, target: string) => void;

/** A network of a command's own, from which all connections lead to the proxy. */
export type Isolation = {
  /** Hands the connections from inside to the proxy; resolves when commands may be started. */
  begin(tunnel: Tunnel): Promise<void>;
  /** Returns the command line that runs a command inside. A missing command is unchanged, and so is its error. */
  enter(command: readonly string[], env: Readonly<Record<string, string>>): readonly string[];
  /** Returns the command's environment inside, based on its environment without isolation. */
  environment(env: Readonly<Record<string, string>>): Record<string, string>;
  /** Releases the network. */
  close(): void;
};

/**
 * Prepares to run a command in a network of its own, for programs that ignore the variables that name a proxy.
 *
 * @throws UserError (exit code 2), one line, when this machine cannot do that
 */
export async function isolate(): Promise<Isolation> {
  if (process.platform !== 'linux') {
    throw usageError('--isolate works on Linux only.', 'Try it without --isolate.');
  }
  const namespace = await makeNamespace();
  const resolver = createResolver();
  for (const socket of namespace.questions) resolver.serve(socket);
  const find = destinationFinder(namespace);
  let outsidePorts: OutsidePorts | undefined;

  const hand = async (socket: Socket, tunnel: Tunnel) => {
    socket.on('error', () => {});
    const destination = await find(socket);
    if (destination === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const host = resolver.nameOf(destination.address) ?? destination.address;
    tunnel(socket, `${host.includes(':') ? `[${host}]` : host}:${destination.port}`);
  };

  return {
    async begin(tunnel) {
      for (const server of namespace.connections.values())
        server.on('connection', (socket) => {
          // If the namespace has ended, the connection has ended, too.
          hand(socket, tunnel).catch(() => socket.destroy());
        });
      // The proxy's own port is one of them: a client may name it in its settings.
      outsidePorts = followOutsidePorts(namespace);
      await outsidePorts.known;
    },
    enter(command, { PATH = '' }) {
      const isThere = findProgram(command[0] ?? '', PATH.split(':')) !== undefined;
      return isThere ? namespace.enter(command) : command;
    },
    environment: isolatedEnvironment,
    close() {
      outsidePorts?.stop();
      namespace.close();
    },
  };
}
