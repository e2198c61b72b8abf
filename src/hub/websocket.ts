import type { WebSocket } from 'ws';

/** Codes for closing a connection (RFC 6455 7.4.1; 4000 and up are private). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  unsupported: 1003,
  policy: 1008,
  replaced: 4001,
  revoked: 4003,
} as const;

/** A reason has at most 123 bytes. */
const maxReasonBytes = 123;
/** How long to wait for the answer to a close frame. */
const closeGraceMs = 2000;

/** Closes a connection with a reason, and terminates it when the other end does not answer. */
export function closeWith(socket: WebSocket, code: number, reason: string): void {
  const bytes = Buffer.from(reason).subarray(0, maxReasonBytes);
  // Truncation may leave an incomplete character.
  socket.close(code, bytes.toString('utf8').replace(/\ufffd+$/, ''));
  const timer = setTimeout(() => socket.terminate(), closeGraceMs);
  socket.once('close', () => clearTimeout(timer));
}

/** Detects connections whose other end has disappeared. */
export type Heartbeat = {
  watch(socket: WebSocket): void;
  stop(): void;
};

/** A busy machine may answer one ping too late. */
const missesAllowed = 1;

/**
 * Pings at an interval, and terminates a connection that leaves two pings unanswered. Connections that are paused are
 * skipped.
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
