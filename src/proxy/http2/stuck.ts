import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * Finds out that nghttp2 sends nothing more, although there is something to send and the socket takes it. That is how it
 * behaves after most protocol errors: it sends a GOAWAY and stops. Node reports none of this and leaves the socket open,
 * although RFC 9113 5.4.1 asks to close it.
 */
export class StuckWatch {
  readonly #session: Http2Session;
  readonly #socket: Socket;
  /** What had been written when something was waiting at the last look. */
  #written: number | undefined;

  /** @param socket the one beneath the session */
  constructor(session: Http2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
  }

  /** Looks at the session, at most once per turn of the event loop: what waits at one look has been sent at the next. */
  look(): boolean {
    const before = this.#written;
    // What is not a socket of the system, such as a tunnel over HTTP/2, does not count.
    const { bytesWritten = 0 } = this.#socket as Partial<Socket>;
    this.#written = this.#isWaiting() ? bytesWritten : undefined;
    return before !== undefined && before === this.#written;
  }

  #isWaiting(): boolean {
    const { _handle: handle, writableLength } = this.#socket as Socket & {
      _handle?: { writeQueueSize?: number };
    };
    const waiting = writableLength + (handle?.writeQueueSize ?? 0);
    return waiting === 0 && (this.#session.state.outboundQueueSize ?? 0) > 0;
  }
}
