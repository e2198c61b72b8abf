import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { errorCode } from '../../errors.ts';
import type { Header } from '../../exchange.ts';
import { headerObject } from '../headers.ts';
import type { OpenRequest, UpstreamListener } from '../upstream-exchange.ts';
import { readAnswer } from './answer.ts';
import { StreamReset } from './errors.ts';
import { SentBody } from './sent-body.ts';
import type { UpstreamSession } from './session.ts';

/** How often a request is sent if its server did not process it. */
const mostAttempts = 4;

/** Receives an exchange's events. */
export type ExchangeEvents = {
  /** The server did not process the request: it must be started again on another session. */
  onRefused(exchange: Http2Exchange): void;
  /** The server wants HTTP/1.1 for such requests (HTTP_1_1_REQUIRED, RFC 9113 7). */
  onHttp1Required(): void;
};

/** One request over HTTP/2 and its answer. */
export class Http2Exchange implements OpenRequest {
  readonly #headers: OutgoingHttpHeaders;
  readonly #hasBody: boolean;
  /** Receives the events that concern other exchanges, until the stream is closed for good. */
  #events: ExchangeEvents | undefined;
  readonly #body = new SentBody();
  /** Receives the answer, until it is over. */
  #listener: UpstreamListener | undefined;
  /** Receives the request's events, until it is complete. */
  #sender: UpstreamListener | undefined;
  #session: UpstreamSession | undefined;
  #stream: ClientHttp2Stream | undefined;
  #attempts = 0;
  #isPaused = false;
  #isAnswered = false;
  #hasHead = false;
  #error: Error | undefined;
  #reused = false;

  constructor(
    headers: OutgoingHttpHeaders,
    hasBody: boolean,
    listener: UpstreamListener,
    events: ExchangeEvents,
  ) {
    this.#headers = headers;
    this.#hasBody = hasBody;
    this.#listener = listener;
    this.#events = events;
  }

  get socket(): Socket {
    if (this.#session === undefined) throw new Error('The exchange has not been started');
    return this.#session.socket;
  }

  get reused(): boolean {
    return this.#reused;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Sends the request, or resends its sent part, on this session. */
  start(session: UpstreamSession): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#session = session;
    this.#reused = session.reused;
    this.#attempts += 1;
    if (this.#attempts === 1 && !listener.onOpen(this)) {
      this.#listener = undefined;
      return;
    }
    try {
      this.#open(session, listener);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #open(session: UpstreamSession, listener: UpstreamListener): void {
    const stream = session.request(this.#headers, this.#hasBody);
    this.#error = undefined;
    this.#stream = stream;
    this.#listen(stream, session);
    if (this.#attempts > 1) this.#repeat(stream);
    else if (!this.#hasBody) listener.onSent();
    else this.#sender = listener;
  }

  /** No session accepts the request. */
  fail(error: Error): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onError(error);
    this.#cut();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#body.isEnded || chunk.length === 0) return true;
    const stream = this.#stream;
    this.#body.add(chunk, stream === undefined);
    if (stream === undefined) return false;
    this.#session?.health.count(chunk.length);
    return stream.writable ? stream.write(chunk) : true;
  }

  end(trailers: readonly Header[] = []): void {
    if (this.#sender === undefined) return;
    this.#body.end(trailers);
    this.#stream?.end();
    const sender = this.#sender;
    this.#sender = undefined;
    sender.onSent();
  }

  pause(): void {
    this.#isPaused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    // Before the head arrives, there is nothing to read.
    if (this.#hasHead) this.#stream?.resume();
  }

  abort(code: number = constants.NGHTTP2_CANCEL): void {
    this.#listener = undefined;
    // A paused stream that is closed without an error never ends.
    this.#stream?.close(code || constants.NGHTTP2_CANCEL);
    this.#cut();
  }

  #repeat(stream: ClientHttp2Stream): void {
    for (const chunk of this.#body.chunks) stream.write(chunk);
    if (this.#body.isEnded) stream.end();
    else this.#sender?.onDrain();
  }

  #listen(stream: ClientHttp2Stream, session: UpstreamSession): void {
    readAnswer(stream, String(this.#headers[':method']), {
      onInterim: (head) => {
        this.#isAnswered = true;
        this.#listener?.onInterim(head);
      },
      onHead: (head, isWhole) => {
        this.#isAnswered = true;
        this.#hasHead = true;
        this.#body.forget();
        this.#listener?.onHead(head, isWhole);
        if (!this.#isPaused) stream.resume();
      },
      onData: (chunk) => {
        session.health.count(chunk.length);
        this.#listener?.onData(chunk);
      },
      onEnd: (trailers) => {
        const listener = this.#listener;
        this.#listener = undefined;
        listener?.onEnd(trailers);
      },
    });
    if (this.#hasBody) {
      stream.once('wantTrailers', () => stream.sendTrailers(headerObject(this.#body.trailers)));
      stream.on('drain', () => this.#sender?.onDrain());
    }
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.once('close', () => this.#closed(stream, session));
  }

  #closed(stream: ClientHttp2Stream, session: UpstreamSession): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    const code = stream.rstCode ?? 0;
    if (this.#maySendAgain(code, session.wasIgnored(stream))) {
      this.#events?.onRefused(this);
      return;
    }
    // An aborted exchange has no listener: the code is then the client's.
    if (this.#listener && code === constants.NGHTTP2_HTTP_1_1_REQUIRED)
      this.#events?.onHttp1Required();
    // V8 may keep a stream that is over for long, but the rest of the exchange is free.
    this.#events = undefined;
    if (this.#listener) this.fail(this.#errorOf(code, session));
    else this.#cut();
  }

  // A server did not process a request that it refused or never looked at (RFC 9113 8.7).
  #maySendAgain(code: number, wasIgnored: boolean): boolean {
    if (this.#listener === undefined || this.#isAnswered || this.#attempts >= mostAttempts)
      return false;
    return (wasIgnored || code === constants.NGHTTP2_REFUSED_STREAM) && this.#body.isKept;
  }

  #errorOf(code: number, session: UpstreamSession): Error {
    const isReset =
      this.#error === undefined || errorCode(this.#error) === 'ERR_HTTP2_STREAM_ERROR';
    if (!isReset && this.#error) return this.#error;
    return session.error ?? new StreamReset(code);
  }

  #cut(): void {
    const sender = this.#sender;
    this.#sender = undefined;
    sender?.onCut();
  }
}
