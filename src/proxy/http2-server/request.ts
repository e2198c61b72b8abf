import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * A client's request over HTTP/2: its head, and the body and trailers of its stream. Node's own class for this copies the
 * body through a second stream, and costs as much as the stream itself.
 */
export class Http2Request {
  readonly httpVersion = '2.0';
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  /** Complete when the body has ended. */
  rawTrailers: string[] = [];

  /** @param rawHeaders the lines as received */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: string[]) {
    this.stream = stream;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    if (stream.endAfterHeaders) return;
    stream.on('trailers', (_headers: unknown, _flags: unknown, raw: string[]) => {
      this.rawTrailers = raw;
    });
  }

  get method(): string | undefined {
    return this.headers[':method'];
  }

  get url(): string | undefined {
    return this.headers[':path'];
  }

  get scheme(): string | undefined {
    return this.headers[':scheme'];
  }

  /** Host stands in for a missing `:authority` (RFC 9113 8.3.1). */
  get authority(): string {
    return this.headers[':authority'] ?? this.headers.host ?? '';
  }

  get socket(): Socket {
    return this.stream.session?.socket ?? (this.stream as unknown as Socket);
  }

  /** The client reset the stream, or disconnected, before its answer was complete. */
  get aborted(): boolean {
    return this.stream.aborted;
  }

  get destroyed(): boolean {
    return this.stream.destroyed;
  }

  get readableEnded(): boolean {
    return this.stream.readableEnded;
  }

  on(event: 'data', listener: (chunk: Buffer) => void): void {
    this.stream.on(event, listener);
  }

  once(event: 'end' | 'close', listener: () => void): void {
    this.stream.once(event, listener);
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  isPaused(): boolean {
    return this.stream.isPaused();
  }

  /** Resets the stream. */
  destroy(): void {
    this.stream.close(constants.NGHTTP2_CANCEL);
  }
}
