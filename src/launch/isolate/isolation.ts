import type { Socket } from 'node:net';
import { usageError } from '../../errors.ts';
import { isLoopback } from '../../http/loopback.ts';
import { destinationFinder } from './destinations.ts';
import { isolatedEnvironment } from './environment.ts';
import { makeNamespace } from './namespace.ts';
import { followOutsidePorts } from './outside-ports.ts';
import { findProgram } from './programs.ts';
import { createResolver } from './resolver.ts';

/** Takes a connection that leads to a destination, `host:port` or `[v6]:port`, as if a CONNECT had named it. */
export type Tunnel = (socket: Socket, target: string) => void;

/** A network of a command's own, from which all connections lead to the proxy. */
export type Isolation = {
  /** Hands the connections from inside to the proxy from now on. */
  begin(tunnel: Tunnel): Promise<void>;
  /** The command line that runs a command inside. */
  enter(command: readonly string[], env: Readonly<Record<string, string>>): readonly string[];
  /** The environment that the command is to have there, of the one that it would have otherwise. */
  environment(env: Readonly<Record<string, string>>): Record<string, string>;
  /** Lets go of it. */
  close(): void;
};

/**
 * Prepares to run a command in a network of its own, for programs that take no notice of proxies.
 *
 * @throws UserError (exit code 2), one line, when this machine cannot
 */
export async function isolate(): Promise<Isolation> {
  if (process.platform !== 'linux') {
    throw usageError(
      '--isolate works on Linux only.',
      'Without it, programs that respect proxy variables are recorded.',
    );
  }
  const namespace = await makeNamespace();
  const resolver = createResolver();
  const outsidePorts = followOutsidePorts(namespace);
  return {
    async begin(tunnel) {
      for (const socket of namespace.questions) resolver.serve(socket);
      const find = destinationFinder(namespace);
      namespace.connections.on('connection', (socket) => {
        socket.on('error', () => {});
        find(socket).then(
          (destination) => {
            // Where a server inside has just started, its clients are not to meet another one. They may try again.
            if (
              destination === undefined ||
              (destination.isInside && isLoopback(destination.address))
            ) {
              socket.resetAndDestroy();
              void outsidePorts.update();
              return;
            }
            const { address, port } = destination;
            const host = resolver.nameOf(address) ?? address;
            tunnel(socket, `${host.includes(':') ? `[${host}]` : host}:${port}`);
          },
          () => socket.destroy(),
        );
      });
      await outsidePorts.update();
    },
    // A command that is not there fails in the same way as without isolation.
    enter: (command, env) => {
      const folders = (env['PATH'] ?? '').split(':');
      const isThere = findProgram(command[0] ?? '', folders) !== undefined;
      return isThere ? namespace.enter(command) : command;
    },
    environment: isolatedEnvironment,
    close() {
      outsidePorts.stop();
      namespace.close();
    },
  };
}
