import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Ending, Header, Observer, Tap } from '../exchange.ts';
import { failureOf } from './failure.ts';
import { createMessageReader, type MessageReader } from './websocket-messages.ts';

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
 * An answer to a request whose socket the parser has let go of, for when the upstream declines to
 * switch protocols. The connection ends with it.
 */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  return response;
}

/** A WebSocket that both sides have agreed to. */
export type OpenWebSocket = {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The upstream's 101 with its header lines, passed on as they are. */
  readonly status: number;
  readonly headers: readonly Header[];
  /** Bytes that the client sent right behind its handshake. */
  readonly head: Buffer;
  readonly tap: Tap | undefined;
  readonly observer: Observer;
  /** `host:port`, for messages. */
  readonly name: string;
  readonly onOver: () => void;
};

/**
 * Relays a WebSocket byte for byte, so that frames, masks, extensions and close codes stay what they
 * were, and reads the messages off a copy. Neither side is read faster than the other and the disk
 * can take it.
 */
export function relayWebSocket(socket: OpenWebSocket): void {
  const { client, upstream, tap, observer } = socket;
  const lines = socket.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(`HTTP/1.1 ${socket.status} Switching Protocols\r\n${lines}\r\n`, 'latin1');
  const reader = tap && createMessageReader(socket.headers, tap);
  const congested = () => tap !== undefined && observer.congested;
  if (socket.head.length > 0) client.unshift(socket.head);
  client.setNoDelay(true);
  client.setTimeout(0);
  upstream.setTimeout(0);
  pump(client, upstream, reader?.fromClient, congested, observer);
  pump(upstream, client, reader?.fromServer, congested, observer);
  let broken: Ending | undefined;
  upstream.on('error', (error) => {
    broken ??= { kind: 'failed', reason: failureOf(error, socket.name) };
    client.destroy();
  });
  client.on('error', () => {
    broken ??= { kind: 'aborted' };
    upstream.destroy();
  });
  // Where the one side is gone without a close frame the other must not see a clean end.
  let open = 2;
  const closed = (other: Socket) => {
    if (!other.writableEnded) other.destroy();
    open -= 1;
    if (open > 0) return;
    // The last messages may still be being decompressed.
    const end = () => {
      tap?.end(broken ?? { kind: 'completed' });
      socket.onOver();
    };
    if (reader) reader.finish(end);
    else end();
  };
  client.once('close', () => closed(upstream));
  upstream.once('close', () => closed(client));
}

function pump(
  from: Socket,
  to: Socket,
  copy: MessageReader['fromClient'] | undefined,
  congested: () => boolean,
  observer: Observer,
): void {
  const resume = () => {
    if (to.writableNeedDrain) to.once('drain', resume);
    else if (copy?.busy()) copy.onceIdle(resume);
    else if (congested()) observer.onceDrained(resume);
    else from.resume();
  };
  from.on('data', (chunk: Buffer) => {
    const taken = to.write(chunk);
    const read = copy?.write(chunk) ?? true;
    if (taken && read && !congested()) return;
    from.pause();
    resume();
  });
  from.on('end', () => to.end());
}
