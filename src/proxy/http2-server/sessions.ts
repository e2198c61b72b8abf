import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { StuckWatch } from '../http2/stuck.ts';

/** All in milliseconds. */
export type SessionLimits = {
  /** How long a client may leave a PING unanswered. */
  readonly timeoutMs: number;
  /** How long a session without streams stays open. */
  readonly idleMs: number;
  /** How long the socket of a session that is over may take to send the remaining data. */
  readonly lingerMs: number;
  /** The time between two checks of a session. */
  readonly intervalMs: number;
};

/**
 * Closes the sockets of HTTP/2 sessions that are over, and unused sessions.
 *
 * After most protocol errors nghttp2 sends a GOAWAY and stops reading. Node reports none of this and
 * leaves the socket open, although RFC 9113 5.4.1 asks to close it; it does not notice when the
 * client closes its end either. Node also waits without limit for a client that does not read. So a
 * session that has fallen silent is sent one PING (RFC 9113 6.7). If nghttp2 does not send it, the
 * session is over. If the client does not answer it, the client is gone.
 */
export function watchSessions(server: Http2Server, limits: SessionLimits): void {
  const { intervalMs } = limits;
  const watches = new Set<SessionWatch>();
  let timer: NodeJS.Timeout | undefined;
  let socket: Socket;
  server.prependListener('connection', (connection: Socket) => {
    socket = connection;
  });
  // Emitted in the same turn as `connection`.
  server.on('session', (session) => {
    const watch = new SessionWatch(session, socket, limits);
    watches.add(watch);
    timer ??= setInterval(() => {
      // Time is not read from the clock: after a stall, what clients sent meanwhile is still unread.
      for (const watch of watches) {
        if (watch.isClosed) watches.delete(watch);
        else watch.pass(intervalMs);
      }
      if (watches.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    }, intervalMs).unref();
  });
}

/** The length of the frame that answers a PING, and of the one that answers SETTINGS (RFC 9113 6). */
const answerBytes = { ping: 17, settings: 9 } as const;

class SessionWatch {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #limits: SessionLimits;
  readonly #stuck: StuckWatch;
  #streams = 0;
  #idleMs = 0;
  #overMs = 0;
  #unansweredMs = 0;
  /** Asked: the PING is unanswered. Heard: data arrived since, and no PING has been sent yet. */
  #state: 'heard' | 'asked' | 'answered' = 'heard';
  /** The data received by the last check, answers included. */
  #bytes = 0;

  constructor(session: ServerHttp2Session, socket: Socket, limits: SessionLimits) {
    this.#session = session;
    this.#socket = socket;
    this.#limits = limits;
    this.#stuck = new StuckWatch(session, socket);
    session.on('stream', (stream) => {
      this.#streams += 1;
      stream.once('close', () => {
        this.#streams -= 1;
        this.#idleMs = 0;
      });
    });
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Checks the session `ms` milliseconds after the last check. */
  pass(ms: number): void {
    const { idleMs, lingerMs } = this.#limits;
    const isIdle = this.#streams === 0;
    if (this.#session.destroyed || (this.#session.closed && isIdle)) {
      this.#overMs += ms;
      if (this.#overMs >= lingerMs) this.#socket.destroy();
      return;
    }
    this.#idleMs += isIdle ? ms : 0;
    if (this.#idleMs >= idleMs) this.#session.close();
    else this.#checkLife(ms);
  }

  #checkLife(ms: number): void {
    const { bytesRead } = this.#session.socket;
    if (bytesRead !== this.#bytes) {
      this.#bytes = bytesRead;
      this.#state = 'heard';
    } else if (this.#state === 'heard') {
      this.#ask();
    } else if (this.#state === 'asked') {
      this.#unansweredMs += ms;
      const isLate = this.#unansweredMs >= this.#limits.timeoutMs;
      if (isLate || this.#stuck.look()) this.#socket.destroy();
    }
  }

  #ask(): void {
    this.#state = 'asked';
    this.#unansweredMs = 0;
    const session = this.#session;
    const answered = (length: number) => (error: Error | null) => {
      if (error) return;
      this.#state = 'answered';
      this.#bytes += length;
    };
    // Node sends no PING once a GOAWAY has been sent or received.
    if (session.closed) session.settings({}, answered(answerBytes.settings));
    else session.ping(answered(answerBytes.ping));
  }
}
