import { randomBytes } from 'node:crypto';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorCode } from '../errors.ts';
import { refuse } from './answer.ts';
import type { ComboServer } from './mockttp.ts';

/**
 * Accepts valid requests that Node's parser refuses: a method that it does not know (RFC 9110 9.1), bytes beyond ASCII in
 * the target, empty lines before the first request (RFC 9112 2.2).
 *
 * Such a request goes to a new parser with an acceptable request line, and with a header line that holds the original
 * one under an unguessable name, once the requests before it are answered. Behind an earlier request in one packet, the
 * start of the unusual one is unknown, so it is refused as before.
 *
 * @returns whether the request behind this error was handled
 */
export function admitUnusualRequests(
  server: ComboServer,
): (error: Error, socket: Socket) => boolean {
  const http = server._httpServer;
  http.prependListener('connection', (socket: Attended) => {
    socket[ownListeners] = listenersOf(socket);
  });
  http.prependListener('request', watchTurn);
  http.prependListener('checkContinue', watchTurn);
  admitUnknownProtocols(server, http);
  return (error, socket: Attended) => {
    // What follows may be the body of the request that was refused.
    if (socket[isRefused]) return false;
    const { [waiting]: later } = socket;
    if (later !== undefined && !socket.destroyed) {
      later.push(packetOf(error));
      return true;
    }
    const respelled = socket[isBetween] === false ? undefined : respell(error);
    if (respelled === undefined) return false;
    const packets = [respelled];
    socket[waiting] = packets;
    socket.pause();
    const begin = () => {
      delete socket[waiting];
      if (socket.destroyed) return;
      detachParser(socket);
      // The idle time that the earlier parser had set.
      socket.setTimeout(0);
      socket.unshift(Buffer.concat(packets));
      http.emit('connection', socket);
      socket.resume();
    };
    afterAnswers(socket, begin);
    return true;
  };
}

/**
 * Takes a connection that the parser has released, for an upgrade or a tunnel, once the answers to its earlier requests
 * have been sent. Node no longer tells these when more of them can be sent.
 */
export function takeInTurn(socket: Attended, take: () => void): void {
  const drained = () => {
    const { _httpMessage: answer } = socket;
    if (!answer) return;
    const get = () => socket.writableNeedDrain;
    Object.defineProperty(answer, 'writableNeedDrain', { get, configurable: true });
    answer.emit('drain');
  };
  socket.on('drain', drained);
  afterAnswers(socket, () => {
    socket.off('drain', drained);
    if (socket.destroyed) return;
    // The idle time that the parser had set behind the answer.
    socket.setTimeout(0);
    take();
  });
}

/** Acts once the answers to a connection's earlier requests have been sent, or cannot be. */
function afterAnswers(socket: Attended, act: () => void): void {
  const last = socket[lastAnswer];
  if (last === undefined || last.closed) act();
  else last.once('close', act);
}

/** Restores a request's original request line, if it was replaced. */
export function restoreRequestLine(request: IncomingMessage): void {
  const { rawHeaders } = request;
  if (rawHeaders[0] !== keptLine) return;
  const [method = '', target = ''] = Buffer.from(rawHeaders[1] ?? '', 'base64')
    .toString('latin1')
    .split(' ');
  request.method = method;
  request.url = target;
  rawHeaders.splice(0, 2);
}

/**
 * Refuses a connection's input after the answers to its earlier requests. A request that breaks off in its body is
 * refused at once, or cut if its answer has begun.
 */
export function refuseInTurn(socket: Attended, status: number, text: string): void {
  if (socket[isRefused]) return;
  socket[isRefused] = true;
  const last = socket[lastAnswer];
  if (last === undefined || last.closed || last.req.complete)
    afterAnswers(socket, () => refuse(socket, status, text));
  else if (last.headersSent) socket.destroy();
  else {
    refuse(socket, status, text);
    // Its upstream waits for the rest.
    setTimeout(() => socket.destroy(), lingerMs).unref();
  }
}

const lingerMs = 1000;

const keptLine = `x-request-line-${randomBytes(16).toString('hex')}`;

const ownListeners = Symbol('listeners that were there before the HTTP server came');
const lastAnswer = Symbol('the answer to the last request that came');
const isBetween = Symbol('false: the packet that is parsed may have begun within a request');
const isRefused = Symbol('nothing more is read from this connection');
/**
 * The parser that refused the request reports every later packet, too: TLS emits what it has decrypted after a pause.
 * It also reports that the request takes too long.
 */
const waiting = Symbol(
  'the packets from an unusual request on, which wait for the answer before it',
);

type Attended = Socket & {
  [ownListeners]?: Map<string, readonly unknown[]>;
  [lastAnswer]?: ServerResponse;
  [isBetween]?: boolean;
  [isRefused]?: boolean;
  [waiting]?: Buffer[];
  /** Node's own: the answer that is being sent. */
  readonly _httpMessage?: ServerResponse | null;
  /** Node's own; see {@link detachParser}. */
  parser?: { _consumed?: boolean; unconsume(): void; remove(): void } | null;
};

function watchTurn(request: IncomingMessage, response: ServerResponse): void {
  const socket = request.socket as Attended;
  socket[isBetween] = false;
  socket[lastAnswer] = response;
  const look = () => {
    if (request.complete && socket[lastAnswer] === response) socket[isBetween] = true;
  };
  // Both come when Node has parsed the whole packet: what is in the next one begins a request.
  process.nextTick(look);
  request.once('end', look);
}

const refusedLine =
  /^(?:\r?\n)*([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\0-\x20\x7f]+) (HTTP\/1\.[01])\r?\n/;

/** The packet with a request line that Node's parser accepts, if the parser refuses the original. */
function respell(error: Error): Buffer | undefined {
  if (!/^HPE_INVALID_(METHOD|URL)$/.test(errorCode(error) ?? '')) return undefined;
  const text = packetOf(error).toString('latin1');
  const [line, method, target, version] = refusedLine.exec(text) ?? [];
  if (line === undefined || method === 'CONNECT') return undefined;
  const kept = Buffer.from(`${method} ${target}`, 'latin1').toString('base64');
  // Node's server frames answers to HEAD differently.
  const passing = method === 'HEAD' ? 'HEAD' : 'POST';
  const head = `${passing} / ${version}\r\n${keptLine}: ${kept}\r\n`;
  return Buffer.from(head + text.slice(line.length), 'latin1');
}

/** What the parser was given, copied; empty for an error that is not of its input. */
function packetOf(error: Error): Buffer {
  return Buffer.from((error as { rawPacket?: Buffer }).rawPacket ?? []);
}

// Node's server does the same to a parser when a connection is upgraded.
function detachParser(socket: Attended): void {
  const { parser } = socket;
  if (parser?._consumed) parser.unconsume();
  parser?.remove();
  socket.parser = null;
  for (const [event, before] of socket[ownListeners] ?? [])
    for (const listener of socket.listeners(event))
      if (!before.includes(listener)) socket.off(event, listener as () => void);
}

const events = ['data', 'end', 'close', 'drain', 'timeout', 'error', 'pause', 'resume'];

function listenersOf(socket: Socket): Map<string, readonly unknown[]> {
  return new Map(events.map((event) => [event, socket.listeners(event)]));
}

// Protocol detection does not recognize requests with a method that Node does not know.
function admitUnknownProtocols(server: ComboServer, http: HttpServer): void {
  const unknown = server._unknownProtocolHandler;
  const handOn = unknown.listeners('connection') as ((socket: Socket) => void)[];
  unknown.removeAllListeners('connection');
  unknown.on('connection', (socket: Socket) => {
    const data: Buffer = socket.read() ?? Buffer.alloc(0);
    socket.unshift(data);
    if (startsHttp.test(data.toString('latin1', 0, 8192))) http.emit('connection', socket);
    else for (const listener of handOn) listener.call(unknown, socket);
  });
}

const startsHttp = /^(?:\r?\n)*[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [^\0-\x20\x7f]+ HTTP\/\d/;
