import { randomBytes } from 'node:crypto';
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { errorCode } from '../errors.ts';
import { afterAnswers, isRefused, isWithinRequest, watchTurns } from './answer-turns.ts';
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
  watchTurns(http);
  admitUnknownProtocols(server, http);
  return (error, socket: Attended) => {
    // What follows may be the body of the request that was refused.
    if (isRefused(socket)) return false;
    const { [waiting]: later } = socket;
    if (later !== undefined && !socket.destroyed) {
      later.push(packetOf(error));
      return true;
    }
    const respelled = isWithinRequest(socket) ? undefined : respell(error);
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

const keptLine = `x-request-line-${randomBytes(16).toString('hex')}`;

const ownListeners = Symbol('listeners that were there before the HTTP server came');
/**
 * The parser that refused the request reports every later packet, too: TLS emits what it has decrypted after a pause.
 * It also reports that the request takes too long.
 */
const waiting = Symbol(
  'the packets from an unusual request on, which wait for the answer before it',
);

type Attended = Socket & {
  [ownListeners]?: Map<string, readonly unknown[]>;
  [waiting]?: Buffer[];
  /** Node's own; see {@link detachParser}. */
  parser?: { _consumed?: boolean; unconsume(): void; remove(): void } | null;
};

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
