import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { describeError, errorCode } from '../errors.ts';
import type { Ending, Failure, Header, Observer, Tap } from '../exchange.ts';
import {
  addTrailers,
  breakOff,
  type ClientRequest,
  type ClientResponse,
  flushHead,
  isClosed,
  isHttp2,
  lingerOn,
  sendPage,
  writeHead,
  writeInformational,
} from './answer.ts';
import type { Destination } from './destination.ts';
import { failureOf, kindOf, statusOf } from './failure.ts';
import { decodeHeaders, endToEnd, flattenHeaders, hasHeader } from './headers.ts';
import { failurePage } from './pages.ts';
import { hasBody, requestBody } from './request-body.ts';
import { type SilenceWatch, watchSilence } from './silence.ts';
import { expectAnswer } from './unasked-continue.ts';
import { onNextSocket, type Upstreams } from './upstream.ts';

export type Passage = {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly destination: Destination;
  /** The request's header lines as they came. */
  readonly headers: readonly Header[];
  readonly tap: Tap | undefined;
  readonly upstreams: Upstreams;
  readonly observer: Observer;
  readonly timeoutMs: number;
  /** The client asked to be told before it sends its body (RFC 9110 10.1.1). */
  readonly expectsContinue: boolean;
  /** Changes the answer's header lines for the client; the record keeps them as they came. */
  readonly rewriteAnswer?: (headers: readonly Header[]) => readonly Header[];
  /** A WebSocket's handshake: called in place of an answer when the upstream switches protocols. */
  readonly onUpgrade?: (status: number, headers: readonly Header[], upstream: Socket) => void;
  /** Called once, when the exchange is over and the client has been given the answer. */
  readonly onOver: () => void;
};

/**
 * Carries one request to its upstream and the answer back, streamed both ways, and tells the tap
 * what passes. It is the handler that undici calls back; each method below is one of undici's.
 */
export class Relay implements Dispatcher.DispatchHandler {
  /** Its place in the roster of exchanges under way. */
  slot = -1;
  readonly #passage: Passage;
  readonly #carriesBody: boolean;
  #abort: ((error?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  /** The connection had carried other requests before this one. */
  #reused = false;
  #attempts = 0;
  /** The final answer's status; 0 before its head has come. */
  #status = 0;
  #bodyBegun = false;
  #held = false;
  #over = false;
  #silence: SilenceWatch | undefined;

  constructor(passage: Passage) {
    this.#passage = passage;
    this.#carriesBody = hasBody(passage.request);
  }

  /** Sends the request. */
  start(): void {
    const { request, response, onOver } = this.#passage;
    response.on('error', ignore);
    request.on('error', ignore);
    // After the last byte has left, or when the client has gone: not before is this exchange over.
    response.once('close', () => {
      this.#clientClosed();
      onOver();
    });
    if (isClosed(response)) response.emit('close');
    else this.#dispatch(this.#carriesBody ? requestBody(this.#passage) : null);
  }

  /** Gives the exchange up; the client sees a broken transfer. */
  cancel(error: Error): void {
    this.#abort?.(error);
    this.onError(error);
  }

  #dispatch(body: Dispatcher.DispatchOptions['body']): void {
    const { destination, headers, request, upstreams, onUpgrade } = this.#passage;
    this.#attempts += 1;
    const method = request.method ?? 'GET';
    const outgoing = { method, headers: flattenHeaders(endToEnd(headers, notForUpstream)), body };
    try {
      upstreams.dispatch(
        destination,
        onUpgrade ? { ...outgoing, upgrade: 'websocket' } : outgoing,
        this,
      );
    } catch (error) {
      this.onError(error as Error);
    }
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#over) {
      abort(new Error('the client went away'));
      return;
    }
    this.#abort = abort;
    onNextSocket((socket) => {
      this.#reused = used.has(socket);
      used.add(socket);
      expectAnswer(socket);
      this.#passage.tap?.connected(addressOf(socket));
    });
    // As near to the upstream's own word as can be had: it is there, and reads.
    const { response, expectsContinue } = this.#passage;
    if (expectsContinue && this.#attempts === 1) response.writeContinue();
  }

  onRequestSent(): void {
    this.#passage.tap?.requestSent();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    const { response, tap, request, rewriteAnswer } = this.#passage;
    const headers = decodeHeaders(raw);
    if (status < 200) {
      const interim = { status, headers: endToEnd(headers) };
      tap?.informational({ status, headers });
      writeInformational(response, interim);
      return true;
    }
    this.#status = status;
    this.#resume = resume;
    tap?.response({ status, statusText, httpVersion: '1.1', headers });
    const passed = forClient(headers, request.method === 'HEAD');
    writeHead(response, status, statusText, rewriteAnswer?.(passed) ?? passed);
    // What came in the same packet has been told when this is run; often that is the whole answer.
    queueMicrotask(() => {
      if (this.#over) return;
      // Node keeps the head until the body begins, which in an event stream may be much later.
      if (!this.#bodyBegun) flushHead(response);
      if (!isEventStream(headers)) this.#watch();
    });
    return true;
  }

  onData(chunk: Buffer): boolean {
    const { response, tap, observer } = this.#passage;
    this.#bodyBegun = true;
    this.#silence?.heard();
    tap?.responseChunk(chunk);
    const taken = isHttp2(response) ? response.write(chunk) : response.write(chunk);
    if (taken && !(tap && observer.congested)) return true;
    this.#hold(taken);
    return false;
  }

  onComplete(rawTrailers: readonly (Buffer | string)[] | null): void {
    const { request, response, tap } = this.#passage;
    const trailers = rawTrailers ? decodeHeaders(rawTrailers) : [];
    if (trailers.length > 0) {
      tap?.responseTrailers(trailers);
      addTrailers(response, endToEnd(trailers));
    }
    if (this.#isUnread()) lingerOn(request);
    response.end();
    this.#end({ kind: 'completed' });
  }

  onUpgrade(status: number, raw: Buffer[] | string[] | null, socket: unknown): void {
    const headers = decodeHeaders(raw ?? []);
    this.#passage.tap?.response({
      status,
      statusText: 'Switching Protocols',
      httpVersion: '1.1',
      headers,
    });
    this.#over = true;
    this.#passage.onUpgrade?.(status, headers, socket as Socket);
  }

  onError(error: Error): void {
    if (this.#over) return;
    if (this.#maySendAgain(error)) {
      this.#dispatch(null);
      return;
    }
    if (this.#status === 304 && errorCode(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
      // The length that a 304 tells is the one of what it does not send (RFC 9110 8.6).
      this.onComplete(null);
      return;
    }
    const { response, request, destination } = this.#passage;
    if (this.#carriesBody && request.destroyed && !request.readableEnded) {
      this.#clientClosed();
      return;
    }
    const reason = failureOf(error, `${destination.hostname}:${destination.port}`);
    this.#end({ kind: 'failed', reason });
    if (response.headersSent) breakOff(response);
    else this.#sendFailure(error, reason);
  }

  #sendFailure(error: Error, reason: Failure): void {
    const { response, rewriteAnswer } = this.#passage;
    if (response.destroyed || response.writableEnded) return;
    // undici refuses before anything is sent what cannot be a request: that is the client's fault.
    const status = errorCode(error) === 'UND_ERR_INVALID_ARG' ? 400 : statusOf(reason);
    const message = status === 400 ? describeError(error) : reason.message;
    const unread = this.#isUnread();
    if (unread) lingerOn(this.#passage.request);
    const page = failurePage(status, message);
    const closing: Header[] = unread ? [['connection', 'close']] : [];
    sendPage(response, status, page, [...closing, ...(rewriteAnswer?.([]) ?? [])]);
  }

  // Whether the client is still to send more of its body on a connection of this request alone.
  #isUnread(): boolean {
    const { request, response } = this.#passage;
    return this.#carriesBody && !request.readableEnded && !isHttp2(response);
  }

  // Whether sending a request again is safe and likely to help: a kept-alive connection that the
  // upstream closed just as the request was written (RFC 9112 9.3.1, RFC 9110 9.2.2).
  #maySendAgain(error: Error): boolean {
    return (
      this.#reused &&
      this.#status === 0 &&
      !this.#carriesBody &&
      this.#attempts < 4 &&
      idempotent.has(this.#passage.request.method ?? '') &&
      kindOf(error) === 'reset'
    );
  }

  // Waits for whoever is behind: the client, or the disk.
  #hold(taken: boolean): void {
    this.#held = true;
    const { response, tap, observer } = this.#passage;
    const go = () => {
      if (this.#over) return;
      if (tap && observer.congested) observer.onceDrained(go);
      else if (response.writableNeedDrain) response.once('drain', go);
      else {
        this.#held = false;
        this.#silence?.heard();
        this.#resume?.();
      }
    };
    if (taken) go();
    else response.once('drain', go);
  }

  // An upstream that falls silent in the middle of a body; time that the client takes is not its.
  #watch(): void {
    this.#silence = watchSilence(
      this.#passage.timeoutMs,
      () => this.#held,
      () => this.cancel(Object.assign(new Error('no data'), { code: 'UND_ERR_BODY_TIMEOUT' })),
    );
  }

  #clientClosed(): void {
    if (this.#over) return;
    this.#end({ kind: 'aborted' });
    this.#abort?.(new Error('the client went away'));
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#silence?.stop();
    this.#passage.tap?.end(ending);
  }
}

const ignore = () => {};

/** Upstream sockets that have carried a request. */
const used = new WeakSet<Socket>();

function addressOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined) return undefined;
  return remoteAddress.includes(':')
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}

/** RFC 9110 9.2.2, without those that usually carry a body. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

// Host is given by the destination. undici announces no trailers and cannot send them, so the
// request does not promise any; Expect was answered here.
const notForUpstream: ReadonlySet<string> = new Set(['host', 'expect', 'trailer']);

// Node refuses to announce trailers behind a body that is not chunked.
const notForFramed: ReadonlySet<string> = new Set(['trailer']);

function forClient(headers: readonly Header[], head: boolean): Header[] {
  const framed = head || hasHeader(headers, 'content-length');
  return endToEnd(headers, framed ? notForFramed : undefined);
}

function isEventStream(headers: readonly Header[]): boolean {
  return hasHeader(headers, 'content-type', (type) => /^text\/event-stream\b/i.test(type));
}
