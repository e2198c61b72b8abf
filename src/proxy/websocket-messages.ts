import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { Header, Tap, WebSocketMessage } from '../exchange.ts';
import { headerValues } from '../exchange.ts';

/** One direction's copy of the bytes on a WebSocket. */
type DirectionReader = {
  /** Takes bytes; false when the caller should wait until it is idle. */
  write(chunk: Buffer): boolean;
  busy(): boolean;
  onceIdle(callback: () => void): void;
};

export type MessageReader = {
  readonly fromClient: DirectionReader;
  readonly fromServer: DirectionReader;
  /** Calls back when everything written has been read. */
  finish(callback: () => void): void;
};

// ws exports these without describing them in its types.
type Receiver = Writable & {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): Receiver;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): Receiver;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): Receiver;
  on(event: 'error' | 'drain' | 'close', listener: (error: Error) => void): Receiver;
};
type PerMessageDeflate = { params: object; accept(offers: object[]): object; cleanup(): void };
type WsParts = {
  Receiver: new (options: object) => Receiver;
  PerMessageDeflate: {
    new (options: object, isServer: boolean, maxPayload: number): PerMessageDeflate;
  };
  extension: { parse(header: string): Record<string, object[]> };
};

/**
 * Reads the messages off a copy of a WebSocket's bytes, unmasked and decompressed (RFC 6455, RFC
 * 7692), and tells them to the tap. What cannot be read - broken frames, an unknown extension, a
 * message over {@link maxMessageBytes} - ends the reading of that direction, never the traffic.
 *
 * @param headers the upstream's handshake answer, which names the extensions agreed on
 */
export function createMessageReader(headers: readonly Header[], tap: Tap): MessageReader {
  const ws: WsParts = createRequire(import.meta.url)('ws');
  const extensions = agreedExtensions(ws, headers);
  const fromClient = directionReader(ws, 'client', extensions, tap);
  const fromServer = directionReader(ws, 'server', extensions, tap);
  return {
    fromClient,
    fromServer,
    finish: (callback) => fromClient.finish(() => fromServer.finish(callback)),
  };
}

/** Messages beyond this are not put together; ws keeps a message's pieces in memory. */
const maxMessageBytes = 64 * 1024 * 1024;

function agreedExtensions(ws: WsParts, headers: readonly Header[]): Record<string, object[]> {
  try {
    return ws.extension.parse(headerValues(headers, 'sec-websocket-extensions').join(', '));
  } catch {
    return {};
  }
}

function directionReader(
  ws: WsParts,
  from: WebSocketMessage['from'],
  agreed: Record<string, object[]>,
  tap: Tap,
): DirectionReader & { finish(callback: () => void): void } {
  const deflate = inflater(ws, from, agreed);
  const receiver = new ws.Receiver({
    isServer: from === 'client',
    maxPayload: maxMessageBytes,
    extensions: deflate === undefined ? {} : { 'permessage-deflate': deflate },
  });
  const tell = (opcode: number, data: Buffer) =>
    tap.webSocketMessage({ from, at: Date.now(), opcode, data });
  let readable = true;
  const give = () => {
    if (readable) tap.webSocketUnreadable();
    readable = false;
  };
  receiver.on('message', (data, isBinary) => tell(isBinary ? 2 : 1, data));
  receiver.on('ping', (data) => tell(9, data));
  receiver.on('pong', (data) => tell(10, data));
  receiver.on('conclude', (code, reason) => tell(8, closePayload(code, reason)));
  receiver.on('error', give);
  return {
    write: (chunk) => !readable || receiver.write(chunk),
    busy: () => readable && receiver.writableNeedDrain,
    onceIdle: (callback) => onceEither(receiver, callback),
    finish: (callback) => {
      const done = () => {
        deflate?.cleanup();
        callback();
      };
      if (readable && !receiver.destroyed) receiver.end(done);
      else done();
    },
  };
}

function onceEither(receiver: Receiver, callback: () => void): void {
  const once = () => {
    receiver.off('drain', once);
    receiver.off('close', once);
    callback();
  };
  receiver.on('drain', once);
  receiver.on('close', once);
}

// The same parameters hold for both directions; which of them apply is told by the role.
function inflater(ws: WsParts, from: WebSocketMessage['from'], agreed: Record<string, object[]>) {
  const offers = agreed['permessage-deflate'];
  if (offers === undefined) return undefined;
  try {
    const params = new ws.PerMessageDeflate({}, false, maxMessageBytes).accept(offers);
    const deflate = new ws.PerMessageDeflate({}, from === 'client', maxMessageBytes);
    deflate.params = params;
    return deflate;
  } catch {
    return undefined;
  }
}

// RFC 6455 5.5.1; 1005 stands for a close frame without a code (7.1.5).
function closePayload(code: number, reason: Buffer): Buffer {
  if (code === 1005) return Buffer.alloc(0);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, reason]);
}
