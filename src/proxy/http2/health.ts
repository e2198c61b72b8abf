import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { StuckWatch } from './stuck.ts';

/** Checks between two probes of a session that has fallen silent. */
const looksBetween = 10;

/** Bytes that a server may send in a session's lifetime in addition to its exchanges. */
const maxIdleBytes = 4 * 1024 * 1024;

/** Watches whether a session is still usable: Node does not report a server's violations of HTTP/2. */
export class SessionHealth {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #stuck: StuckWatch;
  #usefulBytes = 0;
  /** The data received by the last check, and by the last probe. */
  #bytes = 0;
  #bytesAsked = 0;
  #looks = looksBetween;
  #isAsked = false;

  /** @param socket the session's socket */
  constructor(session: ClientHttp2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
    this.#stuck = new StuckWatch(session, socket);
  }

  /** An exchange has sent or received this many bytes. */
  count(bytes: number): void {
    this.#usefulBytes += bytes + 32;
  }

  /** Whether the server floods: it sends mostly PING, SETTINGS and other frames outside exchanges. */
  get isFlooded(): boolean {
    return this.#socket.bytesRead > 8 * this.#usefulBytes + maxIdleBytes;
  }

  /**
   * Checks a session with open streams.
   *
   * @returns whether it is over
   */
  look(): boolean {
    this.#ask();
    return this.#stuck.look();
  }

  // A session that ended silently is detected when it has something to send.
  #ask(): void {
    const { bytesRead } = this.#socket;
    const isSilent = bytesRead === this.#bytes;
    this.#bytes = bytesRead;
    this.#looks += 1;
    if (!isSilent || this.#isAsked || this.#looks < looksBetween) return;
    if (bytesRead === this.#bytesAsked || this.#session.destroyed) return;
    this.#looks = 0;
    this.#bytesAsked = bytesRead;
    this.#isAsked = true;
    // Not a PING: gRPC servers count those, and close the connection after a few.
    this.#session.settings({}, () => {
      this.#isAsked = false;
    });
  }
}
