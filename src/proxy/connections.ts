import type { Duplex } from 'node:stream';

/** The open connections of one proxy, its clients' and its own to upstreams. None outlives the proxy. */
export class Connections {
  readonly #open = new Set<Duplex>();
  #isClosing = false;

  /**
   * Keeps a connection until it is closed, from before it is established. One that is added after
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
    while (this.#open.size > 0) await Promise.all([...this.#open].map(destroyed));
  }
}

function destroyed(connection: Duplex): Promise<void> {
  return new Promise((resolve) => void connection.once('close', resolve).destroy());
}
