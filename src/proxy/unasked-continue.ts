import type { Socket } from 'node:net';

const expecting = Symbol('a request is out, and nothing of its answer has come');

type Watched = Socket & { [expecting]?: boolean };

/**
 * Has a connection to an upstream keep an unasked `100 Continue` to itself. A client has to put up
 * with one and may discard it (RFC 9110 15.2.1); undici, which reads from this socket, breaks the
 * connection off instead. One that is split between two packets still ends that way.
 */
export function discardContinue(socket: Socket): void {
  const read = socket.read;
  socket.read = function (this: Watched, size?: number): Buffer | null {
    const chunk: Buffer | null = read.call(this, size);
    if (chunk === null || this[expecting] !== true) return chunk;
    const rest = withoutContinue(chunk);
    if (rest.length === 0) return this.read(size);
    this[expecting] = false;
    return rest;
  };
}

/** Says that a request has just been sent on this connection, so that what comes next is a head. */
export function expectAnswer(socket: Socket): void {
  (socket as Watched)[expecting] = true;
}

function withoutContinue(chunk: Buffer): Buffer {
  const interim = /^HTTP\/1\.[01] 100\b/.test(chunk.toString('latin1', 0, 13));
  const end = interim ? chunk.indexOf('\r\n\r\n') : -1;
  return end === -1 ? chunk : withoutContinue(chunk.subarray(end + 4));
}
