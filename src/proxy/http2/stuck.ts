import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * Whether nghttp2 sends nothing more, although there is something to send and the socket takes it. That is how it behaves after
 * most protocol errors: it sends a GOAWAY and stops. Node reports none of this and leaves the socket open, although
 * RFC 9113 5.4.1 asks to close it.
 *
 * @param socket the one beneath the session
 */
export function isStuck(session: Http2Session, socket: Socket): boolean {
  const { _handle: handle, writableLength } = socket as Socket & {
    _handle?: { writeQueueSize?: number };
  };
  const waiting = writableLength + (handle?.writeQueueSize ?? 0);
  return waiting === 0 && (session.state.outboundQueueSize ?? 0) > 0;
}
