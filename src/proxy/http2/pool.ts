import type { Socket } from 'node:net';
import { type SilenceWatch, watchSilence } from '../silence.ts';
import type { UpstreamSession } from './session.ts';

/** The protocol of a new connection to a server. */
export type Opened =
  | { readonly version: 2; readonly session: UpstreamSession }
  /** HTTP/1.1; the socket is absent if it is no longer usable. */
  | { readonly version: 1; readonly socket: Socket | undefined };

/** A caller that waits for a stream. Exactly one of these is called, once. */
type Waiting = {
  /** Opens a connection if none has room. */
  open(): Promise<Opened>;
  /** There is room in this session. */
  onSession(session: UpstreamSession): void;
  /** The server does not speak HTTP/2. */
  onHttp1(socket: Socket | undefined): void;
  onError(error: Error): void;
};

/** Sessions by destination, and the callers that wait for room in them. */
export type SessionPool = {
  /** Provides a session with room, at once if there is one. */
  acquire(place: string, waiting: Waiting): void;
  /** Closes the unused sessions, and the others when they are over. */
  close(): void;
};

/** The maximum number of connections to one server; further streams wait. */
const mostSessions = 8;

/**
 * Makes a pool.
 *
 * @param timeoutMs how long a caller waits for room when all sessions are full
 */
export function createSessionPool(timeoutMs: number): SessionPool {
  const queues = new Map<string, Queue>();
  return {
    acquire(place, waiting) {
      let queue = queues.get(place);
      if (queue === undefined) {
        queue = new Queue(timeoutMs, () => queues.delete(place));
        queues.set(place, queue);
      }
      queue.add(waiting);
    },
    close() {
      for (const queue of queues.values()) queue.close();
    },
  };
}

/** The sessions to one server. */
class Queue {
  readonly #sessions = new Set<UpstreamSession>();
  readonly #onEmpty: () => void;
  readonly #timeoutMs: number;
  #waiting: Queued[] = [];
  #isOpening = false;

  constructor(timeoutMs: number, onEmpty: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onEmpty = onEmpty;
  }

  add(waiting: Waiting): void {
    const queued: Queued = { waiting, silence: undefined };
    this.#waiting.push(queued);
    this.#serve();
    if (!this.#waiting.includes(queued)) return;
    // Opening a connection has a limit of its own.
    queued.silence = watchSilence(
      this.#timeoutMs,
      () => this.#isOpening,
      () => {
        this.#waiting = this.#waiting.filter((other) => other !== queued);
        waiting.onError(noRoom());
      },
    );
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  #serve(): void {
    for (const session of this.#sessions) {
      while (session.hasRoom) {
        const next = this.#waiting.shift();
        if (next === undefined) return;
        next.silence?.stop();
        next.waiting.onSession(session);
      }
    }
    const [first] = this.#waiting;
    if (first === undefined) {
      if (this.#sessions.size === 0 && !this.#isOpening) this.#onEmpty();
    } else if (!this.#isOpening && this.#sessions.size < mostSessions && !this.#isSettling()) {
      this.#open(first.waiting);
    }
  }

  // A new session soon reports how many streams it accepts.
  #isSettling(): boolean {
    return [...this.#sessions].some((session) => !session.isSettled);
  }

  #open(first: Waiting): void {
    this.#isOpening = true;
    first.open().then(
      (opened) => {
        this.#isOpening = false;
        if (opened.version === 2) this.#take(opened.session);
        else this.#dismiss((waiting, at) => waiting.onHttp1(at === 0 ? opened.socket : undefined));
      },
      (error: Error) => {
        this.#isOpening = false;
        // Callers that wait for room in other sessions keep waiting.
        if (this.#sessions.size === 0) this.#dismiss((waiting) => waiting.onError(error));
      },
    );
  }

  #take(session: UpstreamSession): void {
    this.#sessions.add(session);
    session.listener = {
      onRoom: () => this.#serve(),
      onClosing: () => {
        this.#sessions.delete(session);
        this.#serve();
      },
    };
    if (!session.isOpen) this.#sessions.delete(session);
    this.#serve();
  }

  #dismiss(tell: (waiting: Waiting, at: number) => void): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    waiting.forEach((queued, at) => {
      queued.silence?.stop();
      tell(queued.waiting, at);
    });
    this.#serve();
  }
}

type Queued = { readonly waiting: Waiting; silence: SilenceWatch | undefined };

function noRoom(): Error {
  return Object.assign(new Error('no stream became free'), { code: 'PMPROXY_SILENT' });
}
