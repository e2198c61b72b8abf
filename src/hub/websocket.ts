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
export type Heartbeat = {
  watch(socket: WebSocket): void;
  stop(): void;
};

/** A machine that is busy may be late with one answer. */
const missesAllowed = 1;

/**
 * Pings every so often; who leaves two pings unanswered is cut. Connections that we do not read at the moment are left
 * alone.
 */
export function createHeartbeat(everyMs: number): Heartbeat {
  const misses = new Map<WebSocket, number>();
  const timer = setInterval(() => {
    for (const [socket, missed] of misses) {
      if (socket.isPaused) continue;
      if (missed > missesAllowed) socket.terminate();
      else {
        misses.set(socket, missed + 1);
        socket.ping();
      }
    }
  }, everyMs);
  timer.unref();
  return {
    watch(socket) {
      const isThere = () => misses.set(socket, 0);
      isThere();
      socket.on('pong', isThere);
      socket.on('message', isThere);
      socket.once('close', () => misses.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}
