import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { release } from '../body-memory.ts';
import { describeError } from '../errors.ts';
import type { Ending, Failure, Header, Observer, Tap } from '../exchange.ts';
import {
  addTrailers,
  breakOff,
  type ClientRequest,
  type ClientResponse,
  isClosed,
  isHttp2,
  lingerOn,
  onceClosed,
  resetCodeOf,
  sendPage,
  wantNoMore,
  writeHead,
  writeInformational,
} from './answer.ts';
import { answerHeaders } from './answer-headers.ts';
import type { Clock } from './clock.ts';
import type { Destination } from './destination.ts';
import { failureOf, kindOf, statusOf } from './failure.ts';
import { endToEnd, hasHeader } from './headers.ts';
import type { AnswerHead } from './http1/answer-reader.ts';
import { ProtocolError } from './http1/head-lines.ts';
import { StreamReset } from './http2/errors.ts';
import { sendWithTurn } from './loop-turn.ts';
import { failurePage } from './pages.ts';
import { forwardBody, framingOf } from './request-body.ts';
import { UnsendableRequest } from './sendable.ts';
import { type SilenceWatch, watchSilence } from './silence.ts';
import type { Upstreams } from './upstream.ts';
import type { OpenRequest, RequestFraming, UpstreamListener } from './upstream-exchange.ts';

export type Passage = {
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  readonly destination: Destination;
  /** The request's header lines as received. */
  readonly headers: readonly Header[];
  readonly tap: Tap | undefined;
  readonly upstreams: Upstreams;
  readonly observer: Observer;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Changes the answer's header lines for the client; the record keeps them as received. */
  readonly rewriteAnswer: ((headers: readonly Header[]) => readonly Header[]) | undefined;
  /** WebSocket handshakes: called instead of an answer when the upstream switches protocols. */
  readonly onUpgrade:
    | ((status: number, headers: readonly Header[], upstream: Duplex) => void)
    | undefined;
  /** Called once, when the exchange is over and the client has received the answer. */
  readonly onOver: () => void;
};

/**
 * Relays one request to its upstream and the answer back, streamed both ways, and reports both to the tap. The upstream
 * calls the methods that begin with `on`.
 */
export class Relay implements UpstreamListener {
  /** Its place among the active exchanges. */
  slot = -1;
  readonly #passage: Passage;
  readonly #body: RequestFraming;
  #upstream: OpenRequest | undefined;
  #attempts = 0;
  #held = false;
  #sent = false;
  #resumeBody: () => void = ignore;
  #endAnswer: () => void = () => this.#passage.response.end();
  #live = false;
  #over = false;
  #interims = 0;
  /** The upstream has sent a 100. */
  #continued = false;
  /** An answer that was complete before its request: the record waits for the rest of the request. */
  #ending: Ending | undefined;
  #silence: SilenceWatch | undefined;

  constructor(passage: Passage) {
    this.#passage = passage;
    this.#body = framingOf(passage.request);
  }

  /** Sends the request. */
  start(): void {
    const { request, response, onOver } = this.#passage;
    response.on('error', ignore);
    request.on('error', ignore);
    // The exchange is over once the last byte has left or the client has disconnected.
    onceClosed(response, () => {
      this.#clientClosed();
      onOver();
    });
    if (isClosed(response)) response.emit('close');
    else this.#begin();
  }

  // A short answer arrives in one piece, too late to be held up: while the disk is behind, requests wait as well.
  #begin(): void {
    const { tap, observer } = this.#passage;
    if (this.#over) return;
    if (tap && observer.congested) observer.onceDrained(() => this.#begin());
    else this.#send();
  }

  /** Aborts the exchange; the client sees a broken transfer. */
  cancel(error: Error): void {
    this.#upstream?.abort();
    this.onError(error);
  }

  #send(): void {
    const { destination, headers, request, response, upstreams, onUpgrade } = this.#passage;
    this.#attempts += 1;
    try {
      upstreams.send(
        destination,
        {
          method: request.method ?? 'GET',
          headers,
          body: this.#body,
          upgrade: onUpgrade !== undefined,
          isHttp2: isHttp2(response),
        },
        this,
      );
    } catch (error) {
      this.onError(error as Error);
    }
  }

  onOpen(upstream: OpenRequest): boolean {
    if (this.#over) return false;
    this.#upstream = upstream;
    const { tap, timeoutMs, clock } = this.#passage;
    tap?.connected(addressOf(upstream.socket));
    const isExcused = () => this.#held || this.#live || this.#waitsForClient();
    // An answerer in the server's place may have forwarded the request.
    this.#silence?.stop();
    this.#silence = watchSilence(timeoutMs, isExcused, () => this.cancel(silent()), clock);
    if (this.#body !== 'none' && !this.#sent)
      this.#resumeBody = forwardBody(this.#passage, upstream);
    return true;
  }

  onSent(): void {
    this.#sent = true;
    this.#silence?.heard();
    if (!this.#over || this.#ending) this.#passage.tap?.requestSent();
    this.#endRecord();
  }

  onDrain(): void {
    this.#silence?.heard();
    this.#resumeBody();
  }

  onCut(): void {
    const { response } = this.#passage;
    // The server has answered and does not want the rest of the request (RFC 9113 8.1).
    if (this.#ending?.kind === 'completed' && isHttp2(response)) wantNoMore(response);
    this.#resumeBody();
    this.#endRecord();
  }

  onInterim({ status, statusText, headers }: AnswerHead): void {
    this.#silence?.heard();
    const { tap, response } = this.#passage;
    tap?.informational({ status, headers });
    this.#interims += 1;
    if (status === 100) this.#continued = true;
    if (this.#interims > maxInterims) {
      this.cancel(new ProtocolError(`more than ${maxInterims} interim answers`));
      return;
    }
    const interim = { status, statusText, headers: endToEnd(headers) };
    const taken = writeInformational(response, interim);
    if (!taken) this.#hold(taken);
  }

  onHead(head: AnswerHead, isWhole = false): void {
    const { response, tap, request, rewriteAnswer } = this.#passage;
    const { status, headers } = head;
    // HTTP/2 has no reason phrases.
    const statusText =
      head.statusText || (head.httpVersion === '2.0' && STATUS_CODES[status]) || '';
    this.#silence?.heard();
    // An event stream may be silent indefinitely.
    this.#live = isEventStream(headers);
    tap?.response(head);
    const passed = answerHeaders(head, request);
    writeHead(response, status, statusText, rewriteAnswer?.(passed) ?? passed, isWhole);
    if (!isHttp2(response)) this.#endAnswer = sendWithTurn(response);
  }

  onData(chunk: Buffer): void {
    const { response, tap, observer } = this.#passage;
    this.#silence?.heard();
    tap?.responseChunk(chunk);
    // HTTP/2 does not say when it needs the bytes no longer.
    const taken = isHttp2(response)
      ? response.write(chunk)
      : response.write(chunk, () => release(chunk));
    const isFull = !taken && (isHttp2(response) || response.writableLength > maxUnsentBytes);
    if (isFull || (tap && observer.congested)) this.#hold(!isFull);
  }

  onEnd(trailers: readonly Header[]): void {
    const { request, response, tap } = this.#passage;
    if (trailers.length > 0) {
      tap?.responseTrailers(trailers);
      addTrailers(response, endToEnd(trailers));
    }
    if (this.#isUnread()) lingerOn(request);
    this.#endAnswer();
    this.#end({ kind: 'completed' });
  }

  onSwitch(head: AnswerHead, socket: Duplex): void {
    const { tap, onUpgrade } = this.#passage;
    tap?.response(head);
    this.#over = true;
    this.#silence?.stop();
    onUpgrade?.(head.status, head.headers, socket);
    socket.resume();
  }

  onError(error: Error): void {
    if (this.#over) return;
    if (this.#maySendAgain(error)) {
      this.#silence?.stop();
      this.#upstream = undefined;
      this.#send();
      return;
    }
    const { response, request, destination } = this.#passage;
    if (this.#body !== 'none' && request.destroyed && !request.readableEnded) {
      this.#clientClosed();
      return;
    }
    const reason = failureOf(error, `${destination.hostname}:${destination.port}`);
    this.#end({ kind: 'failed', reason });
    const rstCode = error instanceof StreamReset ? error.rstCode : undefined;
    if (response.headersSent || (rstCode && isHttp2(response))) breakOff(response, rstCode);
    else this.#sendFailure(error, reason);
    // Over HTTP/2 the rest of the request has its own stream, which ends when it has been read.
    if (isHttp2(response)) request.resume();
  }

  #sendFailure(error: Error, reason: Failure): void {
    const { response, rewriteAnswer } = this.#passage;
    if (response.destroyed || response.writableEnded) return;
    // An invalid request is refused before anything is sent: it is the client's fault.
    const status = error instanceof UnsendableRequest ? 400 : statusOf(reason);
    const message = status === 400 ? describeError(error) : reason.message;
    const unread = this.#isUnread();
    if (unread) lingerOn(this.#passage.request);
    const page = failurePage(status, message);
    const closing: Header[] = unread ? [['connection', 'close']] : [];
    try {
      sendPage(response, status, page, [...closing, ...(rewriteAnswer?.([]) ?? [])]);
    } catch {
      // Node had accepted some of an answer's lines before it refused one.
      breakOff(response);
    }
  }

  // Whether the client still has body to send on a connection used only for this request.
  #isUnread(): boolean {
    const { request, response } = this.#passage;
    return this.#body !== 'none' && !request.readableEnded && !isHttp2(response);
  }

  // Whether a retry is safe and likely to help: the server requires another HTTP version, or the upstream closed a
  // kept-alive connection just as the request was written (RFC 9112 9.3.1, RFC 9110 9.2.2).
  #maySendAgain(error: Error): boolean {
    if (this.#upstream?.isAnswered || this.#body !== 'none' || this.#attempts >= 4) return false;
    if (error instanceof StreamReset) return error.wantsHttp1;
    return (
      this.#upstream?.reused === true &&
      idempotent.has(this.#passage.request.method ?? '') &&
      kindOf(error) === 'reset'
    );
  }

  // Waits for the slower reader: the client or the disk.
  #hold(taken: boolean): void {
    if (this.#held) return;
    this.#held = true;
    this.#upstream?.pause();
    const { response, tap, observer } = this.#passage;
    const go = () => {
      if (this.#over) return;
      if (tap && observer.congested) observer.onceDrained(go);
      else if (response.writableNeedDrain) response.once('drain', go);
      else {
        this.#held = false;
        this.#silence?.heard();
        this.#upstream?.resume();
      }
    };
    if (taken) go();
    else response.once('drain', go);
  }

  // The upstream may be waiting for the rest of the request from the client.
  #waitsForClient(): boolean {
    return !this.#sent && !this.#passage.request.isPaused();
  }

  #clientClosed(): void {
    if (this.#over) return;
    this.#end({ kind: 'aborted' });
    this.#upstream?.abort(resetCodeOf(this.#passage.request));
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#ending = ending;
    this.#silence?.stop();
    if (ending.kind !== 'completed' || this.#sent || !this.#bodyComes()) this.#endRecord();
  }

  // A client that expected a 100 and got its answer instead has no reason to send its body (RFC 9110 10.1.1).
  #bodyComes(): boolean {
    if (this.#body === 'none') return false;
    const waits = hasHeader(this.#passage.headers, 'expect', (value) =>
      /100-continue/i.test(value),
    );
    return !waits || this.#continued;
  }

  #endRecord(): void {
    const ending = this.#ending;
    this.#ending = undefined;
    if (ending) this.#passage.tap?.end(ending);
  }
}

const ignore = () => {};

/** An HTTP/1.1 client may be this far behind its server, in bytes; pausing for every chunk of a short body costs more. */
const maxUnsentBytes = 128 * 1024;

/** An upstream that sends more interim answers will not answer. */
const maxInterims = 1000;

function silent(): Error {
  return Object.assign(new Error('nothing came'), { code: 'PMPROXY_SILENT' });
}

function addressOf(socket: Socket | undefined): string | undefined {
  const { remoteAddress, remotePort } = socket ?? {};
  if (remoteAddress === undefined) return undefined;
  return remoteAddress.includes(':')
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}

/** RFC 9110 9.2.2, without those that usually carry a body. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function isEventStream(headers: readonly Header[]): boolean {
  return hasHeader(headers, 'content-type', (type) => /^text\/event-stream\b/i.test(type));
}
