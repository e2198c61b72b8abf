import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Header } from '../exchange.ts';
import type { AnswerHead, AnswerListener } from './http1/answer-reader.ts';

/** How a request's body is framed (RFC 9112 6): no body, a number of bytes, or a length not known in advance. */
export type RequestFraming = 'none' | 'chunked' | number;

/** An outgoing request, before its server's version of HTTP is known. */
export type OutgoingRequest = {
  readonly method: string;
  /** The header lines as the client sent them. */
  readonly headers: readonly Header[];
  readonly body: RequestFraming;
  /** An upgrade is requested (RFC 9110 7.8). */
  readonly upgrade: boolean;
  /** The client speaks HTTP/2, so HTTP/2 is preferred. */
  readonly isHttp2: boolean;
};

/** Receives the events of a request. `onEnd`, `onSwitch` and `onError` are the last for its answer. */
export type ExchangeListener = Omit<AnswerListener, 'onSwitch' | 'onHead'> & {
  /**
   * The head of the final answer.
   *
   * @param isWhole over HTTP/2: neither a body nor trailers follow
   */
  onHead(head: AnswerHead, isWhole?: boolean): void;
  /** The request has been sent completely. */
  onSent(): void;
  /** More of the body can be written; also after the answer ended, until the request does. */
  onDrain(): void;
  /** The connection or the stream closed before the request was complete: further writes are dropped. */
  onCut(): void;
  /** The listener now owns the socket, paused; received data is still in it. */
  onSwitch(head: AnswerHead, socket: Duplex): void;
  /** No complete answer will come. */
  onError(error: Error): void;
};

export type UpstreamListener = ExchangeListener & {
  /** The request is about to be written. Returns false if it is no longer wanted. */
  onOpen(request: OpenRequest): boolean;
};

/** A request in progress, for its sender. */
export type OpenRequest = {
  /** The connection has carried earlier requests. */
  readonly reused: boolean;
  /** Absent if no connection carries it. */
  readonly socket: Socket | undefined;
  /** Whether any byte of an answer was received. */
  readonly isAnswered: boolean;
  /**
   * Sends a piece of the body; false when the next should wait for `onDrain`. A body that is longer or shorter than
   * announced aborts the exchange.
   */
  write(chunk: Uint8Array): boolean;
  /** Ends the body. Over HTTP/1.1, trailers follow only chunks. */
  end(trailers?: readonly Header[]): void;
  /** Pauses reading the answer. Data already read may still be delivered. */
  pause(): void;
  resume(): void;
  /**
   * Aborts the exchange without further events.
   *
   * @param code the error code for an HTTP/2 server (RFC 9113 7); CANCEL by default
   */
  abort(code?: number): void;
};
