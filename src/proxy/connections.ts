import type { Duplex } from 'node:stream';

/** The open connections of one proxy, from clients and to upstreams. None outlives the proxy. */
export class Connections {
  readonly #open = new Set<Duplex>();
  #isClosing = false;

  /**
   * Tracks a connection until it is closed, even before it is established. A connection added after
   * {@link close} is destroyed at once.
   *
   * @returns the connection
   */
  add<T extends Duplex>(connection: T): T {
    if (connection.closed || this.#open.has(connection)) return connection;
    this.#open.add(connection);
    connection.once('close', () => this.#open.delete(connection));
    if (this.#isClosing) connection.destroy();
    return connection;
  }

  /** Destroys every connection, established or not, and waits until all are closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    // The latest first: a TLS connection whose transport is destroyed before it may never emit `close`.
    await Promise.all([...this.#open].reverse().map(destroyed));
  }
}

function destroyed(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (connection.closed) resolve();
    else connection.once('close', resolve).destroy();
  });
}
