import {
  constants,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from 'node:http2';

/**
 * The answer to a client's request over HTTP/2.
 *
 * Its head waits until the turn of the event loop ends, or the answer does. An answer that is complete by then takes no
 * frame of its own for its end; Node ends a stream separately if trailers may follow.
 */
export class Http2Answer {
  readonly stream: ServerHttp2Stream;
  headersSent = false;
  writableEnded = false;
  #head: OutgoingHttpHeaders | undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #trailers: OutgoingHttpHeaders | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream;
  }

  get destroyed(): boolean {
    return this.stream.destroyed;
  }

  /** Of what waits to be sent. */
  get writableLength(): number {
    return this.stream.writableLength + this.#bytes;
  }

  get writableNeedDrain(): boolean {
    return this.stream.writableNeedDrain;
  }

  once(event: 'close' | 'drain', listener: () => void): void {
    this.stream.once(event, listener);
  }

  /** @throws when HTTP/2 has no such status */
  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.headersSent = true;
    // The head is without a prototype, as these are.
    headers[':status'] = status;
    this.#head = headers;
    if (!isFinal(status)) this.flush();
    else if (answers.push(this) === 1) setImmediate(sendHeads);
  }

  /** Sends the next piece of the body; false when the next should wait for `drain`. */
  write(chunk: Uint8Array): boolean {
    if (this.#head === undefined) return this.stream.write(chunk);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.stream.writableHighWaterMark) return true;
    this.flush();
    return !this.stream.writableNeedDrain;
  }

  /** Trailers to send after the body. */
  addTrailers(trailers: OutgoingHttpHeaders): void {
    this.#trailers = trailers;
  }

  end(chunk?: Uint8Array): void {
    if (chunk) this.write(chunk);
    this.writableEnded = true;
    this.#respond(this.#trailers !== undefined);
    this.stream.end();
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    this.#respond(true);
  }

  #respond(hasTrailers: boolean): void {
    const [head, chunks] = [this.#head, this.#chunks];
    if (head === undefined) return;
    this.#head = undefined;
    this.#chunks = [];
    this.#bytes = 0;
    const { stream } = this;
    if (stream.closed || stream.destroyed) return;
    const endStream = this.writableEnded && chunks.length === 0 && !hasTrailers;
    if (hasTrailers) stream.once('wantTrailers', () => stream.sendTrailers(this.#trailers ?? {}));
    const options: Options = { endStream, waitForTrailers: hasTrailers, sendDate: false };
    stream.respond(head, options);
    // Several chunks are sent together; the end of the stream uncorks it as well.
    if (chunks.length > 1) stream.cork();
    for (const chunk of chunks) stream.write(chunk);
    if (chunks.length > 1 && !this.writableEnded) stream.uncork();
  }
}

/** Node's types lack the option that leaves out its own Date. */
type Options = ServerStreamResponseOptions & { readonly sendDate: boolean };

const isFinal = (status: number) => status >= 200 && status <= 599;

let answers: Http2Answer[] = [];

function sendHeads(): void {
  const waiting = answers;
  answers = [];
  for (const answer of waiting) {
    try {
      answer.flush();
    } catch {
      // Node refuses the head. The other answers do not suffer for it.
      answer.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }
}
