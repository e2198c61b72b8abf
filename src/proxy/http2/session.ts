import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type ClientSessionRequestOptions,
  connect,
  constants,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { Socket } from 'node:net';
import { SessionHealth } from './health.ts';

/** The most bytes of an answer's head or trailers, as HTTP/2 counts them (RFC 9113 6.5.2). */
const maxHeaderListSize = 512 * 1024;

/** How many bytes of an answer a server may send ahead of its reader. */
const windowBytes = 256 * 1024;

const options: ClientSessionOptions & { readonly strictSingleValueFields: boolean } = {
  settings: { enablePush: false, maxHeaderListSize, initialWindowSize: windowBytes },
  maxHeaderListPairs: maxHeaderListSize / 32,
  maxSendHeaderBlockLength: 1024 * 1024,
  // In megabytes; unsent data of many uploads counts.
  maxSessionMemory: 64,
  strictSingleValueFields: false,
};

/**
 * What Node would add to the options of each request, which takes longer than copying it. From Node 24 on, priorities are
 * deprecated.
 */
const usualPriority: ClientSessionRequestOptions & { readonly silent?: boolean } =
  Number.parseInt(process.versions.node, 10) < 24
    ? { weight: constants.NGHTTP2_DEFAULT_WEIGHT, parent: 0, exclusive: false, silent: false }
    : {};

// Without waiting for trailers, Node would end an aborted body as if it were complete.
const withBody = { ...usualPriority, endStream: false, waitForTrailers: true };
const withoutBody = { ...usualPriority, endStream: true, waitForTrailers: false };

/** In milliseconds. */
type SessionTimes = {
  /** How long a session without streams stays open. */
  readonly idleMs: number;
  /** The time between two checks of a session. */
  readonly intervalMs: number;
};

const usualTimes: SessionTimes = { idleMs: 60_000, intervalMs: 500 };

/** Receives a session's events. */
export type SessionListener = {
  /** Another stream may be opened. */
  onRoom(): void;
  /** No further streams can be opened. */
  onClosing(): void;
};

/** A connection to an upstream that speaks HTTP/2, shared by many exchanges. */
export class UpstreamSession {
  readonly socket: Socket;
  readonly health: SessionHealth;
  /** Resolves when the server has sent its SETTINGS (RFC 9113 3.4); rejects when it sends anything else, or nothing. */
  readonly established: Promise<void>;
  readonly #session: ClientHttp2Session;
  readonly #idleMs: number;
  #listener: SessionListener | undefined;
  #streams = 0;
  #used = false;
  #limit: number;
  #isSettled = false;
  #isClosing = false;
  #error: Error | undefined;
  /** The server did not look at streams beyond this one (RFC 9113 6.8). */
  #lastStream = Number.POSITIVE_INFINITY;
  #idleSince = performance.now();

  /**
   * @param socket connected, without another reader
   * @param isNegotiated whether the server has agreed to HTTP/2. A request can then be sent before its SETTINGS have come.
   */
  constructor(socket: Socket, isNegotiated: boolean, times = usualTimes) {
    this.socket = socket;
    this.#idleMs = times.idleMs;
    this.#limit = isNegotiated ? 1 : 0;
    // Each request names its own authority.
    const session = connect('http://localhost', { ...options, createConnection: () => socket });
    this.#session = session;
    this.health = new SessionHealth(session, socket);
    this.established = new Promise((resolve, reject) => {
      session.once('remoteSettings', () => resolve());
      session.once('close', () => reject(this.#error ?? closedEarly()));
    });
    this.established.catch(() => {});
    session.on('error', (error) => {
      this.#error = error;
    });
    session.on('remoteSettings', this.#adopt);
    session.on('goaway', (_code: number, lastStream: number) => {
      this.#lastStream = Math.min(this.#lastStream, lastStream);
      this.#close();
    });
    const timer = setInterval(() => this.#look(), times.intervalMs).unref();
    session.once('close', () => {
      clearInterval(timer);
      this.#close();
    });
    session.once('connect', () => session.setLocalWindowSize(4 * windowBytes));
  }

  set listener(listener: SessionListener) {
    this.#listener = listener;
  }

  /** Whether the server has announced its stream limit. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  get hasRoom(): boolean {
    return this.isOpen && this.#streams < this.#limit;
  }

  get isOpen(): boolean {
    return !this.#isClosing && !this.#session.closed && !this.socket.destroyed;
  }

  /** Whether a request was sent before. */
  get reused(): boolean {
    return this.#used;
  }

  /**
   * Opens a stream; there must be room.
   *
   * @param hasBody a body follows, and may be followed by trailers
   */
  request(headers: OutgoingHttpHeaders, hasBody: boolean): ClientHttp2Stream {
    const stream = this.#session.request(headers, hasBody ? withBody : withoutBody);
    this.#used = true;
    this.#streams += 1;
    stream.once('close', () => {
      this.#streams -= 1;
      this.#idleSince = performance.now();
      if (this.hasRoom) this.#listener?.onRoom();
    });
    return stream;
  }

  /** Why a stream ended together with its session, if it did. */
  get error(): Error | undefined {
    if (this.#error) return this.#error;
    return this.socket.destroyed || this.#session.destroyed ? closedEarly() : undefined;
  }

  /** Whether the server reported that it did not process this stream (RFC 9113 6.8). */
  wasIgnored(stream: ClientHttp2Stream): boolean {
    return (stream.id ?? Number.POSITIVE_INFINITY) > this.#lastStream;
  }

  /** Opens no further streams, and closes the connection when the open ones have ended. */
  close(): void {
    this.#close();
    this.#session.close();
    if (this.#streams === 0) this.socket.destroySoon();
  }

  readonly #adopt = ({ maxConcurrentStreams }: Settings): void => {
    this.#isSettled = true;
    this.#limit = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    if (this.hasRoom) this.#listener?.onRoom();
  };

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#listener?.onClosing();
  }

  #look(): void {
    if (this.health.isFlooded) {
      this.socket.destroy(stopped());
      return;
    }
    if (this.#streams === 0) {
      if (this.#isClosing) this.socket.destroySoon();
      else if (performance.now() - this.#idleSince > this.#idleMs) this.close();
      return;
    }
    if (this.health.look()) this.socket.destroy(stopped());
  }
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection ended before the answer did'), {
    code: 'PMPROXY_CLOSED',
  });
}

function stopped(): Error {
  return Object.assign(new Error('the server violated HTTP/2'), {
    code: 'PMPROXY_PROTOCOL',
  });
}
