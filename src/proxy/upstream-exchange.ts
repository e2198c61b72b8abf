import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Header } from '../exchange.ts';
import type { AnswerHead, AnswerListener } from './http1/answer-reader.ts';

/** How a request's body is framed (RFC 9112 6): there is none, it has so many bytes, or its length is not known beforehand. */
export type RequestFraming = 'none' | 'chunked' | number;

/** A request on its way out, before its server's version of HTTP is known. */
export type OutgoingRequest = {
  readonly method: string;
  /** The header lines as the client sent them. */
  readonly headers: readonly Header[];
  readonly body: RequestFraming;
  /** Other protocols are asked for (RFC 9110 7.8). */
  readonly upgrade: boolean;
  /** The client speaks HTTP/2, so HTTP/2 is preferred. */
  readonly isHttp2: boolean;
};

/** Told what becomes of a request. `onEnd`, `onSwitch` and `onError` are the last word on its answer. */
export type ExchangeListener = Omit<AnswerListener, 'onSwitch' | 'onHead'> & {
  /**
   * The head of the final answer.
   *
   * @param isWhole over HTTP/2: neither a body nor trailers follow
   */
  onHead(head: AnswerHead, isWhole?: boolean): void;
  /** The request is whole and out of our hands. */
  onSent(): void;
  /** More of the body can be written; also after the answer is over, while the request is not. */
  onDrain(): void;
  /** The connection or the stream is gone, and the request was not whole: what is still written is dropped. */
  onCut(): void;
  /** The socket is the listener's from now on, paused; what has come already is in it. */
  onSwitch(head: AnswerHead, socket: Duplex): void;
  /** No whole answer will come. */
  onError(error: Error): void;
};

export type UpstreamListener = ExchangeListener & {
  /** The request is about to be written. False when it is not wanted any more. */
  onOpen(request: OpenRequest): boolean;
};

/** A request on its way, for whoever sends it. */
export type OpenRequest = {
  /** The connection had carried other requests before. */
  readonly reused: boolean;
  /** Absent where no connection carries it. */
  readonly socket: Socket | undefined;
  /** Whether any byte of an answer has come. */
  readonly isAnswered: boolean;
  /**
   * Sends a piece of the body; false when the next should wait for `onDrain`. A body that is longer or shorter than it was
   * announced breaks the exchange off.
   */
  write(chunk: Uint8Array): boolean;
  /** Ends the body. Over HTTP/1.1, trailers go behind chunks only. */
  end(trailers?: readonly Header[]): void;
  /** Reads no more of the answer for now. What has been read already may still be told. */
  pause(): void;
  resume(): void;
  /**
   * Breaks the exchange off; nothing more is told.
   *
   * @param code why, for a server that speaks HTTP/2 (RFC 9113 7); CANCEL unless said otherwise
   */
  abort(code?: number): void;
};
