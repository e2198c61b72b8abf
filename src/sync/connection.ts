import type { WebSocket } from 'ws';

/** Reasons to close a connection (RFC 6455 7.4.1; 4000 and up are ours). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  unsupported: 1003,
  policy: 1008,
  replaced: 4001,
} as const;

/** A reason has at most 123 bytes. */
const maxReasonBytes = 123;
/** Who does not answer a close within so long is not waited for. */
const closeGraceMs = 2000;

/** Closes a connection with a reason; one that does not answer is cut. */
export function closeWith(socket: WebSocket, code: number, reason: string): void {
  const bytes = Buffer.from(reason).subarray(0, maxReasonBytes);
  // Cutting may leave half a character.
  socket.close(code, bytes.toString('utf8').replace(/\ufffd+$/, ''));
  const timer = setTimeout(() => socket.terminate(), closeGraceMs);
  socket.once('close', () => clearTimeout(timer));
}

/** Looks after connections whose other end may be gone without a word. */
export type Pulse = {
  watch(socket: WebSocket): void;
  stop(): void;
};

/**
 * Pings every so often; who has not answered by the next time is cut. Connections that we do not read at the moment are
 * left alone.
 */
export function createPulse(everyMs: number): Pulse {
  const answered = new Map<WebSocket, boolean>();
  const timer = setInterval(() => {
    for (const [socket, isThere] of answered) {
      if (socket.isPaused) continue;
      if (!isThere) socket.terminate();
      else {
        answered.set(socket, false);
        socket.ping();
      }
    }
  }, everyMs);
  timer.unref();
  return {
    watch(socket) {
      answered.set(socket, true);
      socket.on('pong', () => answered.set(socket, true));
      socket.on('message', () => answered.set(socket, true));
      socket.once('close', () => answered.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}
