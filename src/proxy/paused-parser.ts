import type { Socket } from 'node:net';
import { errorCode } from '../errors.ts';

/**
 * Keeps what a client sent while Node's parser was paused. Node pauses it when requests are pipelined and answers wait to
 * be sent. TLS still emits the records that it has decrypted, and Node takes these for a fault of the client.
 *
 * @returns whether this was the error; the parser reads the bytes when Node resumes it
 */
export function keepForPausedParser(error: Error, socket: Socket): boolean {
  const { rawPacket } = error as { rawPacket?: Buffer };
  if (errorCode(error) !== 'HPE_PAUSED' || rawPacket === undefined) return false;
  socket.push(Buffer.from(rawPacket));
  return true;
}
