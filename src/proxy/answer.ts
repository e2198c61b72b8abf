import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import type { Header, InformationalResponse } from '../exchange.ts';
import { flattenHeaders, headerObject } from './headers.ts';
import type { Http2Answer } from './http2-server/answer.ts';
import type { Http2Request } from './http2-server/request.ts';

/** A client's request and the answer to it, over HTTP/1 or HTTP/2. */
export type ClientRequest = IncomingMessage | Http2Request;
export type ClientResponse = ServerResponse | Http2Answer;

/** Whether this answer is sent over HTTP/2. */
export function isHttp2(response: ClientResponse): response is Http2Answer {
  return 'stream' in response;
}

/** Whether the client disconnected before the answer. */
export function isClosed(response: ClientResponse): boolean {
  if (isHttp2(response)) return response.stream.destroyed;
  return response.destroyed || response.req.socket.destroyed;
}

/**
 * Calls once when the answer has been sent, or when its client has disconnected. Node does not tell the latter to an answer
 * that waits behind those to earlier requests of its connection (RFC 9112 9.3.2).
 */
export function onceClosed(response: ClientResponse, act: () => void): void {
  if (isHttp2(response)) {
    response.once('close', act);
    return;
  }
  response.once('close', act);
  if (response.socket !== null) return;
  const { socket } = response.req;
  const gone = () => {
    response.destroyed = true;
    response.emit('close');
  };
  socket.once('close', gone);
  response.once('close', () => socket.off('close', gone));
}

/**
 * Sends the final head with these end-to-end header lines unchanged; only framing is added.
 *
 * @param isWhole nothing follows: over HTTP/2, the head ends the stream
 */
export function writeHead(
  response: ClientResponse,
  status: number,
  statusText: string,
  headers: readonly Header[],
  isWhole = false,
): void {
  if (isHttp2(response)) {
    // No reason phrase in HTTP/2 (RFC 9113 8.3.2).
    response.writeHead(status, headerObject(headers));
    if (isWhole) response.end();
  } else {
    response.sendDate = false;
    response.writeHead(status, reasonOf(statusText), flattenHeaders(headers));
  }
}

// Node refuses a reason with anything but HTAB, SP, visible characters and obs-text (RFC 9112 4).
function reasonOf(statusText: string): string {
  return invalidInReason.test(statusText) ? '' : statusText;
}

const invalidInReason = /[^\t\x20-\x7e\x80-\xff]/;

/** Sends an interim answer (RFC 9110 15.2) at once if the connection still accepts one; false when it accepts no more. */
export function writeInformational(
  response: ClientResponse,
  interim: InformationalResponse & { readonly statusText: string },
): boolean {
  if (response.headersSent) return true;
  if (isHttp2(response)) {
    response.stream.additionalHeaders({
      ':status': interim.status,
      ...headerObject(interim.headers),
    });
    return true;
  }
  // HTTP/1.0 has no interim answers.
  if (response.req.httpVersion === '1.0') return true;
  const lines = interim.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `HTTP/1.1 ${interim.status} ${reasonOf(interim.statusText)}\r\n${lines}\r\n`;
  // Without this, Node closes the connection of a client that expects a 100.
  if (interim.status === 100) (response as unknown as { _sent100: boolean })._sent100 = true;
  if (response.socket !== null) return response.socket.write(head, 'latin1');
  withSocket(response, (socket) => void socket.write(head, 'latin1'));
  return true;
}

type OnSocket = (socket: Socket) => void;

const waiting = new WeakMap<ServerResponse, OnSocket[]>();

// A pipelined request's answer gets its socket once the earlier answers are sent. Data written before that follows
// its final head, and a destroyed answer would block the later ones.
function withSocket(response: ServerResponse, act: OnSocket): void {
  const acts = waiting.get(response);
  if (response.socket !== null) act(response.socket);
  else if (acts) acts.push(act);
  else {
    waiting.set(response, [act]);
    const assign = response.assignSocket;
    response.assignSocket = (socket) => {
      for (const waited of waiting.get(response) ?? []) waited(socket);
      assign.call(response, socket);
    };
  }
}

/** Sends trailers after the body; HTTP/1 allows them only after a chunked body. */
export function addTrailers(response: ClientResponse, trailers: readonly Header[]): void {
  if (isHttp2(response)) response.addTrailers(headerObject(trailers));
  else if (response.chunkedEncoding) response.addTrailers(trailers as [string, string][]);
}

/**
 * Aborts the answer so that no client can mistake it for a complete one.
 *
 * @param code the error code for an HTTP/2 client (RFC 9113 7)
 */
export function breakOff(
  response: ClientResponse,
  code: number = constants.NGHTTP2_INTERNAL_ERROR,
): void {
  // Data written in this turn of the event loop is sent first; for HTTP/1, see sendWithTurn.
  if (isHttp2(response)) {
    response.flush();
    response.stream.close(code || constants.NGHTTP2_INTERNAL_ERROR);
  } else withSocket(response, (socket) => void setImmediate(() => socket.destroy()));
}

/** The code with which a client reset its stream; undefined if it did not, or for HTTP/1. */
export function resetCodeOf(request: ClientRequest): number | undefined {
  return 'stream' in request ? request.stream.rstCode : undefined;
}

/** Asks a client to stop sending a request whose answer is complete: NO_ERROR (RFC 9113 8.1). */
export function wantNoMore({ stream }: Http2Answer): void {
  const close = () => {
    if (stream.destroyed) return;
    // Before the answer's last frame, which may hold trailers, the client would take this for the end of a broken answer.
    if (stream.state.localClose === 1) stream.close(constants.NGHTTP2_NO_ERROR);
    else setTimeout(close, endPollMs).unref();
  };
  const soon = () => void setImmediate(close);
  if (stream.writableFinished) soon();
  else stream.once('finish', soon);
}

/** Node does not say when the last frame of a stream has been sent. */
const endPollMs = 5;

/**
 * Lets the client send the rest of its body before its connection is closed after the answer.
 * Closing at once would make the system reset the connection, and the client would lose an answer
 * that it has not read yet (RFC 9112 9.6).
 */
export function lingerOn(request: ClientRequest): void {
  const { socket } = request;
  // Node's server calls this after sending an answer that ends its connection.
  socket.destroySoon = () => {
    socket.end();
    request.resume();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    // Not the request's: Node drops an answered request and does not close it with its socket.
    socket.once('close', () => clearTimeout(timer));
    request.once('close', () => socket.destroy());
  };
}

const lingerMs = 30_000;

/** The header line that announces the end of the connection, if the protocol has one. */
export function closing(response: ClientResponse): Header[] {
  return isHttp2(response) ? [] : [['connection', 'close']];
}

/** Answers with a short page of our own. */
export function sendPage(
  response: ClientResponse,
  status: number,
  page: { readonly type: string; readonly body: string | Uint8Array },
  extra: readonly Header[] = [],
): void {
  const bytes = Buffer.from(page.body as string);
  const headers: Header[] = [
    ['content-type', page.type],
    ['content-length', String(bytes.length)],
    ['cache-control', 'no-store'],
    ...extra,
  ];
  writeHead(response, status, statusTexts[status] ?? '', headers);
  if (isHttp2(response)) response.end(bytes);
  else response.end(bytes);
}

const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  407: 'Proxy Authentication Required',
  404: 'Not Found',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
};

/** Writes a bare HTTP/1.1 answer to a socket that has no parser any more, and closes it. */
export function refuse(
  socket: Socket,
  status: number,
  text: string,
  extra: readonly Header[] = [],
): void {
  if (socket.writable) {
    const body = `pmproxy: ${text}\n`;
    const lines = extra.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(
      `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Error'}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n${lines}\r\n${body}`,
    );
  } else {
    socket.destroy();
  }
}
