import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * Detects that nghttp2 has stopped sending although it has data and the socket is writable. It does so after most
 * protocol errors: it sends a GOAWAY and stops. Node reports none of this and leaves the socket open, although
 * RFC 9113 5.4.1 asks to close it.
 */
export class StuckWatch {
  readonly #session: Http2Session;
  readonly #socket: Socket;
  /** The bytes written by the last check at which data was waiting. */
  #written: number | undefined;

  /** @param socket the session's socket */
  constructor(session: Http2Session, socket: Socket) {
    this.#session = session;
    this.#socket = socket;
  }

  /** Checks the session, at most once per turn of the event loop: data waiting at one check is sent by the next. */
  look(): boolean {
    const before = this.#written;
    // Streams that are not system sockets, such as a tunnel over HTTP/2, do not count.
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
