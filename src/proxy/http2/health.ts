import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { StuckWatch } from './stuck.ts';

/** Looks between two questions to a session that has fallen silent. */
const looksBetween = 10;

/** Bytes that a server may send in a session's life beyond what serves its exchanges. */
const maxIdleBytes = 4 * 1024 * 1024;

/** Watches whether a session can still be used: Node does not tell when a server breaks the rules of HTTP/2. */
export class SessionHealth {
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #stuck: StuckWatch;
  #usefulBytes = 0;
  /** What had come at the last look, and at the last question. */
  #bytes = 0;
  #bytesAsked = 0;
  #looks = looksBetween;
  #isAsked = false;

  /** @param socket the one beneath the session */
  constructor(session: ClientHttp2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
    this.#stuck = new StuckWatch(session, socket);
  }

  /** An exchange has sent or received a part of so many bytes. */
  count(bytes: number): void {
    this.#usefulBytes += bytes + 32;
  }

  /** Whether the server floods: most of what it sends is PING, SETTINGS and other frames for no exchange. */
  get isFlooded(): boolean {
    return this.#socket.bytesRead > 8 * this.#usefulBytes + maxIdleBytes;
  }

  /**
   * Looks at a session with open streams.
   *
   * @returns whether it is over
   */
  look(): boolean {
    this.#ask();
    return this.#stuck.look();
  }

  // A session that has ended without a word shows when it is given something to send.
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
    // Not a PING: servers of gRPC count those, and close the connection after a few.
    this.#session.settings({}, () => {
      this.#isAsked = false;
    });
  }
}
