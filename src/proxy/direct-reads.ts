import type { OnReadOpts, Socket } from 'node:net';
import { blockBytes } from '../body-memory.ts';

type Receive = (bytes: Buffer) => void;

const receivers = new WeakMap<Socket, Receive>();

/** Reads are over before the next one begins, so all sockets share this. */
const shared = Buffer.allocUnsafeSlow(blockBytes);

/**
 * The option of a new socket with which it reads into memory that all such sockets share, instead of new memory for every
 * read. Until `readDirectly` is called, and after `readAsStream`, it is read as a stream, like any other.
 */
export const directReads: OnReadOpts = {
  buffer: shared,
  // Node calls it as a method of the socket; its types lack that.
  callback(this: Socket | OnReadOpts, length: number) {
    const socket = this as Socket;
    const bytes = shared.subarray(0, length);
    const receive = receivers.get(socket);
    if (receive === undefined) return socket.push(Buffer.from(bytes));
    receive(bytes);
    return true;
  },
};

/**
 * Reads a socket that was made with `directReads`; others emit `data` events as before.
 *
 * @param receive gets bytes that are overwritten when it has returned
 */
export function readDirectly(socket: Socket, receive: Receive): void {
  receivers.set(socket, receive);
}

/** Ends `readDirectly`. */
export function readAsStream(socket: Socket): void {
  receivers.delete(socket);
}
