import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Ending, Header, Observer, Tap } from '../exchange.ts';
import { failureOf } from './failure.ts';
import { type Reader, type SpliceEnd, splice } from './splice.ts';
import { createMessageReader } from './websocket-messages.ts';

/** Whether this upgrade is a WebSocket's opening handshake (RFC 6455 4.2.1). */
export function isWebSocketHandshake(request: IncomingMessage): boolean {
  const protocols = (request.headers.upgrade ?? '').toLowerCase().split(',');
  return (
    request.method === 'GET' &&
    protocols.every((name) => name.trim() === 'websocket') &&
    request.headers['sec-websocket-key'] !== undefined
  );
}

/**
 * An answer to a request whose socket the parser has released, for when the upstream declines to
 * switch protocols. It ends the connection.
 */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  // Node's server would do all of this, but it has released the socket.
  const drained = () => response.emit('drain');
  socket.on('drain', drained);
  Object.defineProperty(response, 'writableNeedDrain', { get: () => socket.writableNeedDrain });
  response.once('finish', () => {
    socket.off('drain', drained);
    response.detachSocket(socket);
    socket.end();
    response.emit('close');
  });
  return response;
}

/** A WebSocket that both sides have agreed to. */
export type OpenWebSocket = {
  readonly client: Socket;
  readonly upstream: Duplex;
  /** The upstream's 101 with its header lines, forwarded unchanged. */
  readonly status: number;
  readonly headers: readonly Header[];
  /** Bytes that the client sent directly after its handshake. */
  readonly head: Buffer;
  readonly tap: Tap | undefined;
  readonly observer: Observer;
  /** `host:port`, for messages. */
  readonly name: string;
  /** How long a WebSocket may be silent once one side has ended its connection, in milliseconds. */
  readonly silenceMs: number;
  readonly onOver: () => void;
};

/**
 * Relays a WebSocket byte for byte, so that frames, masks, extensions and close codes stay unchanged,
 * and reads the messages in passing. Neither side is read faster than the other side and the disk
 * can keep up.
 */
export function relayWebSocket(socket: OpenWebSocket): void {
  const { client, upstream, tap } = socket;
  const lines = socket.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(`HTTP/1.1 ${socket.status} Switching Protocols\r\n${lines}\r\n`, 'latin1');
  if (socket.head.length > 0) client.unshift(socket.head);
  client.setNoDelay(true);
  client.setTimeout(0);
  if (upstream instanceof Socket) upstream.setTimeout(0);
  const messages = tap && createMessageReader(socket.headers, tap);
  splice(client, upstream, {
    silenceMs: socket.silenceMs,
    fromClient: messages && heldByDisk(messages.fromClient, socket.observer),
    fromUpstream: messages && heldByDisk(messages.fromServer, socket.observer),
    onOver(end) {
      const over = () => {
        tap?.end(endingOf(end, socket.name));
        socket.onOver();
      };
      // The last messages may still be being decompressed.
      if (messages) messages.finish(over);
      else over();
    },
  });
}

function endingOf(end: SpliceEnd, name: string): Ending {
  return end.kind === 'failed' ? { kind: 'failed', reason: failureOf(end.error, name) } : end;
}

function heldByDisk(reader: Reader, observer: Observer): Reader {
  return {
    write: (chunk) => reader.write(chunk) && !observer.congested,
    busy: () => reader.busy() || observer.congested,
    onceIdle(callback) {
      if (reader.busy()) reader.onceIdle(callback);
      else observer.onceDrained(callback);
    },
  };
}
