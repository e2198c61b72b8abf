import type { Duplex } from 'node:stream';
import { type Header, headerValue } from '../exchange.ts';
import type { Destination } from './destination.ts';
import type { AnswerHead } from './http1/answer-reader.ts';
import type { Upstreams } from './upstream.ts';
import type { OpenRequest, OutgoingRequest, UpstreamListener } from './upstream-exchange.ts';

/** A request that is answered without contacting its server. */
export type AnswerableRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** It was addressed to the proxy itself, as to a server. */
  readonly isDirect: boolean;
  /** It is a WebSocket handshake. */
  readonly isUpgrade: boolean;
};

/** An answer, or `forward` to send the request to the server. */
export type Answer =
  | 'forward'
  | (AnswerHead & {
      readonly body: Buffer;
      readonly trailers: readonly Header[];
      /** Milliseconds to wait before the head. */
      readonly delayMs?: number;
      /** After a 101: acts as the other side of the connection. */
      readonly connection?: Duplex;
    });

/** Answers requests in their servers' place. */
export type Answerer = (request: AnswerableRequest) => Promise<Answer>;

/** Larger requests are refused. */
const MOST_BODY_BYTES = 256 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * An upstream that takes its answers from an answerer. It opens connections only for forwarded requests, and none for
 * tunnels without HTTP.
 *
 * @param forwarding the upstream for forwarded requests; absent if none may be forwarded
 */
export function createAnswering(answerer: Answerer, forwarding: Upstreams | undefined): Upstreams {
  return {
    send(destination, request, listener) {
      const exchange = new AnsweredExchange(answerer, destination, request, listener, forwarding);
      if (!listener.onOpen(exchange)) return;
      if (request.body === 'none') exchange.end();
      else if (isWaiting(request)) listener.onInterim(CONTINUE);
    },
    async connect(hostname, port) {
      if (forwarding) return forwarding.connect(hostname, port);
      throw Object.assign(
        new Error(`${hostname}:${port}: no connection, because only HTTP is answered`),
        {
          code: 'ECONNREFUSED',
        },
      );
    },
    close: () => forwarding?.close(),
  };
}

/** The client sends its body after this answer (RFC 9110, 10.1.1). */
const CONTINUE: AnswerHead = {
  httpVersion: '1.1',
  status: 100,
  statusText: 'Continue',
  headers: [],
};

function isWaiting({ headers }: OutgoingRequest): boolean {
  return /100-continue/i.test(headerValue(headers, 'expect') ?? '');
}

/** One exchange: the request is read completely, the answer is sent as fast as the client reads it. */
class AnsweredExchange implements OpenRequest {
  readonly reused = false;
  readonly socket = undefined;
  isAnswered = false;
  readonly #answerer: Answerer;
  readonly #destination: Destination;
  readonly #request: OutgoingRequest;
  readonly #listener: UpstreamListener;
  readonly #forwarding: Upstreams | undefined;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #isOver = false;
  #resume: (() => void) | undefined;
  #isPaused = false;
  #stopWaiting: (() => void) | undefined;

  constructor(
    answerer: Answerer,
    destination: Destination,
    request: OutgoingRequest,
    listener: UpstreamListener,
    forwarding: Upstreams | undefined,
  ) {
    this.#answerer = answerer;
    this.#destination = destination;
    this.#request = request;
    this.#listener = listener;
    this.#forwarding = forwarding;
  }

  write(chunk: Uint8Array): boolean {
    this.#size += chunk.length;
    if (this.#size <= MOST_BODY_BYTES) this.#chunks.push(chunk);
    else if (!this.#isOver) this.#fail(new Error(`more than ${MOST_BODY_BYTES} bytes were sent`));
    return true;
  }

  end(trailers: readonly Header[] = []): void {
    this.#answer(trailers).catch((error: Error) => this.#fail(error));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#resume?.();
  }

  abort(): void {
    this.#isOver = true;
    this.#resume?.();
    this.#stopWaiting?.();
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onError(error);
  }

  async #answer(trailers: readonly Header[]): Promise<void> {
    const { method, headers, upgrade } = this.#request;
    const { url, isReversed = false } = this.#destination;
    const body = Buffer.concat(this.#chunks);
    this.#listener.onSent();
    const answer = await this.#answerer({
      method,
      url,
      headers,
      body,
      isDirect: isReversed,
      isUpgrade: upgrade,
    });
    if (this.#isOver) return;
    if (answer === 'forward') {
      this.#isOver = true;
      try {
        this.#forward(body, trailers);
      } catch (error) {
        // It cannot be sent as it is.
        this.#listener.onError(error as Error);
      }
      return;
    }
    if (answer.delayMs) await this.#wait(answer.delayMs);
    if (!this.#isOver) await this.#give(answer);
  }

  /** Waits, unless the exchange is aborted: a timer would keep the process running. */
  async #wait(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The head, the body piece by piece, the trailers. */
  async #give(answer: Exclude<Answer, 'forward'>): Promise<void> {
    this.isAnswered = true;
    if (answer.connection) {
      this.#isOver = true;
      this.#listener.onSwitch(answer, answer.connection);
      return;
    }
    this.#listener.onHead(answer, answer.body.length === 0 && answer.trailers.length === 0);
    for (let at = 0; at < answer.body.length; at += PIECE_BYTES) {
      if (this.#isPaused) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
      }
      if (this.#isOver) return;
      this.#listener.onData(answer.body.subarray(at, at + PIECE_BYTES));
    }
    this.#isOver = true;
    this.#listener.onEnd(answer.trailers);
  }

  /** Forwards the request as it was received. */
  #forward(body: Buffer, trailers: readonly Header[]): void {
    const listener = this.#listener;
    const hasBody = this.#request.body !== 'none';
    this.#forwarding?.send(this.#destination, this.#request, {
      onOpen(open) {
        if (!listener.onOpen(open)) return false;
        // The head goes first.
        if (hasBody) setImmediate(() => sendWhole(open, body, trailers));
        return true;
      },
      onSent: () => {},
      onDrain: () => {},
      onCut: () => {},
      // The client has been told to continue.
      onInterim: (head) => head.status === CONTINUE.status || listener.onInterim(head),
      onHead: (head, isWhole) => listener.onHead(head, isWhole),
      onData: (chunk) => listener.onData(chunk),
      onEnd: (ended) => listener.onEnd(ended),
      onSwitch: (head, socket) => listener.onSwitch(head, socket),
      onError: (error) => listener.onError(error),
    });
  }
}

function sendWhole(open: OpenRequest, body: Buffer, trailers: readonly Header[]): void {
  if (body.length > 0) open.write(body);
  open.end(trailers);
}
