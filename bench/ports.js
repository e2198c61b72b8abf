/** Ports on the loopback address. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @returns {Promise<number>} a port that was free a moment ago, for programs that cannot choose one
 */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Waits until something listens there.
 * @param {number} port
 * @param {AbortSignal} [signal] ends the waiting
 */
export async function accepts(port, signal) {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await delay(20, undefined, { signal });
  }
}
