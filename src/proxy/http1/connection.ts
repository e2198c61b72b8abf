import type { Socket } from 'node:net';
import { copyBytes } from '../../body-memory.ts';
import type { Header } from '../../exchange.ts';
import { readAsStream, readDirectly } from '../direct-reads.ts';
import type { ExchangeListener, OpenRequest, RequestFraming } from '../upstream-exchange.ts';
import { type AnswerHead, type AnswerListener, AnswerReader } from './answer-reader.ts';

/** One request to write. */
export type WireRequest = {
  readonly method: string;
  /** The whole head with its empty line, in Latin-1. */
  readonly head: string;
  /** The framing that the head announces. */
  readonly body: RequestFraming;
  /** An upgrade is requested (RFC 9110 7.8). */
  readonly upgrade: boolean;
};

/**
 * A connection to an upstream that speaks HTTP/1.1, one exchange at a time.
 *
 * An answer may arrive before its request is complete. The rest of the request is still sent, because the server may want
 * it, and the connection is kept when both are over.
 */
export class UpstreamConnection implements AnswerListener, OpenRequest {
  readonly socket: Socket;
  reused = false;
  /** The start of its wait for another request, and the end of its use, by `performance.now()`. */
  idleSince = 0;
  idleUntil = 0;
  readonly #onFree: (connection: UpstreamConnection) => void;
  /** Receives the answer, until it is over. */
  #listener: ExchangeListener | undefined;
  /** Receives the request's events, until it is complete. */
  #sender: ExchangeListener | undefined;
  #reader: AnswerReader | undefined;
  #body: RequestFraming = 'none';
  /** The bytes that are read are overwritten afterwards. */
  #isShared = false;

  /**
   * @param socket connected, without another reader
   * @param onFree called when another request can be sent
   */
  constructor(socket: Socket, onFree: (connection: UpstreamConnection) => void) {
    this.socket = socket;
    this.#onFree = onFree;
    socket.on('data', this.#read);
    readDirectly(socket, this.#readShared);
    socket.on('end', this.#finish);
    socket.on('error', this.#fail);
    socket.on('close', this.#close);
    socket.on('drain', this.#drain);
    // It may be paused after a tunnel was opened through it.
    socket.resume();
  }

  get isAnswered(): boolean {
    return this.#reader?.hasBegun ?? false;
  }

  get isUsable(): boolean {
    return this.socket.writable && this.socket.readable && this.idleUntil > performance.now();
  }

  /** Writes a request's head at once, with the start of its body if that is available. */
  send(request: WireRequest, listener: ExchangeListener): void {
    this.#listener = listener;
    this.#reader = new AnswerReader(request, this);
    this.#body = request.body;
    this.#sender = listener;
    if (request.body === 'none') {
      this.socket.write(request.head, 'latin1');
      this.#sent();
    } else {
      this.socket.cork();
      this.socket.write(request.head, 'latin1');
      setImmediate(() => this.socket.uncork());
    }
  }

  write(chunk: Uint8Array): boolean {
    const { socket } = this;
    if (!socket.writable || chunk.length === 0) return true;
    if (this.#body !== 'chunked') {
      this.#body = typeof this.#body === 'number' ? this.#body - chunk.length : -1;
      if (this.#body >= 0) return socket.write(chunk);
      socket.destroy();
      return true;
    }
    socket.cork();
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const taken = socket.write('\r\n', 'latin1');
    socket.uncork();
    return taken;
  }

  end(trailers: readonly Header[] = []): void {
    if (this.#sender === undefined) return;
    if (typeof this.#body === 'number' && this.#body !== 0) this.socket.destroy();
    if (this.#body === 'chunked' && this.socket.writable) {
      const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      this.socket.write(`0\r\n${lines}\r\n`, 'latin1');
    }
    this.#sent();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  abort(): void {
    this.#listener = undefined;
    this.socket.destroy();
    this.#cut();
  }

  onInterim(head: AnswerHead): void {
    this.#listener?.onInterim(head);
  }

  onHead(head: AnswerHead): void {
    this.#listener?.onHead(head);
  }

  onData(chunk: Buffer): void {
    this.#listener?.onData(this.#isShared ? copyBytes(chunk) : chunk);
  }

  onEnd(trailers: readonly Header[]): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onEnd(trailers);
    this.#release();
  }

  onSwitch(head: AnswerHead, rest: Buffer): void {
    const { socket } = this;
    const listener = this.#listener;
    this.#listener = undefined;
    socket.off('data', this.#read).off('end', this.#finish).off('error', this.#fail);
    socket.off('close', this.#close).off('drain', this.#drain);
    readAsStream(socket);
    socket.pause();
    if (rest.length > 0) socket.unshift(Buffer.from(rest));
    if (listener) listener.onSwitch(head, socket);
    else socket.destroy();
  }

  #sent(): void {
    const sender = this.#sender;
    this.#sender = undefined;
    sender?.onSent();
    if (this.#listener === undefined) this.#release();
  }

  // Both the request and its answer must be over.
  #release(): void {
    const idleMs = this.#reader?.idleMs ?? 0;
    if (this.#sender !== undefined && this.socket.readable) return;
    if (idleMs === 0 || !this.#reader?.isDone || this.socket.destroyed) {
      this.socket.destroy();
      return;
    }
    this.reused = true;
    this.idleSince = performance.now();
    this.idleUntil = this.idleSince + idleMs;
    this.socket.resume();
    this.#onFree(this);
  }

  readonly #read = (chunk: Buffer): void => {
    const reader = this.#reader;
    try {
      const rest = reader?.isDone ? chunk : reader?.read(chunk);
      // Data after an answer belongs to no request (RFC 9112 9.3).
      if (reader?.isDone && rest !== undefined && rest.length > 0) this.socket.destroy();
    } catch (error) {
      this.socket.destroy();
      this.#fail(error as Error);
    }
  };

  readonly #readShared = (chunk: Buffer): void => {
    this.#isShared = true;
    this.#read(chunk);
    this.#isShared = false;
  };

  readonly #finish = (): void => {
    if (this.#listener !== undefined) this.#reader?.finish();
    if (this.#listener !== undefined) this.#fail(closedEarly());
    this.socket.destroy();
  };

  readonly #fail = (error: Error): void => {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onError(error);
  };

  readonly #close = (): void => {
    this.#fail(closedEarly());
    this.#cut();
  };

  #cut(): void {
    const sender = this.#sender;
    this.#sender = undefined;
    sender?.onCut();
  }

  readonly #drain = (): void => this.#sender?.onDrain();
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection ended before the answer did'), {
    code: 'PMPROXY_CLOSED',
  });
}
