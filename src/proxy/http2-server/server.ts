import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import { Socket } from 'node:net';
import type { ComboServer } from '../mockttp.ts';
import { Http2Answer } from './answer.ts';
import { Http2Request } from './request.ts';
import { watchSessions } from './sessions.ts';
import { takeTurns } from './turns.ts';

/**
 * The most bytes of a request's head. HTTP/2 counts 32 bytes for each line besides its name and value
 * (RFC 9113 6.5.2), so that a head of thousands of lines may be as long as over HTTP/1: 256 KB.
 */
const maxHeaderListSize = 512 * 1024;

/** What a client may send ahead of what is read, per stream and per connection (RFC 9113 6.9); 64 KB slow distant clients down. */
const streamWindow = 256 * 1024;
const connectionWindow = 1024 * 1024;

const options: ServerOptions & { readonly strictSingleValueFields: boolean } = {
  settings: {
    // As many as Go's server allows. A client with more requests waits; 100 is the least that RFC 9113 6.5.2 advises.
    maxConcurrentStreams: 250,
    maxHeaderListSize,
    initialWindowSize: streamWindow,
  },
  maxHeaderListPairs: maxHeaderListSize / 32,
  // The size of answer heads, which nghttp2 otherwise limits to 64 KB.
  maxSendHeaderBlockLength: 1024 * 1024,
  // As in mockttp: a line that should occur once is forwarded as often as received.
  strictSingleValueFields: false,
};

/** What Node passes to the listeners of `stream`; its types lack the lines as received. */
type Arrived = [ServerHttp2Stream, IncomingHttpHeaders, flags: number, rawHeaders: string[]];

export type Http2Options = {
  /** How long a client may leave a PING unanswered. */
  readonly timeoutMs: number;
  /** How many streams may be active at once, over all sessions. */
  readonly most: number;
};

// Httpolyglot makes Node read every clear-text connection through its stream, which hides the client's address and the
// tunnel. Only connections that are not system sockets need this.
function readDirectly(socket: Socket & { _handle?: { isStreamBase?: boolean } }): void {
  if (socket instanceof Socket && socket._handle) socket._handle.isStreamBase = true;
}

/**
 * Puts an HTTP/2 server of our own behind mockttp's, whose options cannot be set: mockttp's refuses
 * heads of more than 128 lines, and accepts any number of streams. Mockttp's server passes its
 * connections on and gets the requests back, so listeners on the combined server still receive both.
 */
export function serveHttp2(server: ComboServer, { timeoutMs, most }: Http2Options): void {
  const front = server._http2Server;
  const ours = createServer(options);
  for (const listener of ours.listeners('connection')) {
    // Node's own listener, which is the same function on each server.
    front.removeListener('connection', listener as () => void);
  }
  front.on('connection', (socket) => {
    readDirectly(socket);
    ours.emit('connection', socket);
  });
  const inTurn = takeTurns(most);
  ours.on('stream', (...[stream, headers, , rawHeaders]: Arrived) => {
    stream.on('error', ignore);
    const request = new Http2Request(stream, headers, rawHeaders);
    const answer = new Http2Answer(stream);
    inTurn(stream, () => front.emit(eventFor(request), request, answer));
  });
  ours.on('session', (session) => {
    session.on('error', () => {});
    session.setLocalWindowSize(connectionWindow);
  });
  watchSessions(ours, {
    timeoutMs,
    // The same as for an idle HTTP/1 connection.
    idleMs: 75_000,
    lingerMs: Math.min(timeoutMs, 30_000),
    intervalMs: 250,
  });
}

// V8 may keep a stream that is over for long: a closure would keep the exchange as well.
const ignore = () => {};

/** The event with which mockttp's server, like Node's, announces a request. */
function eventFor({ method, headers }: Http2Request): string {
  if (method === 'CONNECT') return 'connect';
  return headers.expect === undefined ? 'request' : 'checkContinue';
}
