import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { Header, Tap, WebSocketMessage } from '../exchange.ts';
import { headerValues } from '../exchange.ts';
import type { Reader } from './splice.ts';

export type MessageReader = {
  readonly fromClient: Reader;
  readonly fromServer: Reader;
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
type PerMessageDeflate = { params: object; cleanup(): void };
type WsParts = {
  Receiver: new (options: object) => Receiver;
  PerMessageDeflate: new (options: { isServer: boolean; maxPayload: number }) => PerMessageDeflate;
};

/**
 * Reads messages from a WebSocket's bytes, unmasked and decompressed (RFC 6455, RFC 7692), and passes
 * them to the tap. Unreadable input (broken frames, an unknown extension, a message over
 * {@link maxMessageBytes}) ends the reading of that direction, never the traffic.
 *
 * @param headers the upstream's handshake answer, which names the negotiated extensions
 */
export function createMessageReader(headers: readonly Header[], tap: Tap): MessageReader {
  const isCompressed = agreesOnDeflate(headers);
  const fromClient = directionReader('client', isCompressed, tap);
  const fromServer = directionReader('server', isCompressed, tap);
  return {
    fromClient,
    fromServer,
    finish: (callback) => fromClient.finish(() => fromServer.finish(callback)),
  };
}

/** Larger messages are not assembled; ws keeps a message's pieces in memory. */
const maxMessageBytes = 64 * 1024 * 1024;
/** Nor are messages in more pieces: each piece uses memory, however small it is. */
const maxPieces = 256 * 1024;

// The parameters (RFC 7692 7.1) need not be read. They limit what a sender may refer back to; a reader
// that remembers the last 32 KB of every message can read what was written with any of them.
function agreesOnDeflate(headers: readonly Header[]): boolean {
  return headerValues(headers, 'sec-websocket-extensions')
    .flatMap((value) => value.split(','))
    .some((extension) => /^\s*permessage-deflate\s*(;|$)/i.test(extension));
}

function directionReader(
  from: WebSocketMessage['from'],
  isCompressed: boolean,
  tap: Tap,
): Reader & { finish(callback: () => void): void } {
  const ws: WsParts = createRequire(import.meta.url)('ws');
  const isServer = from === 'client';
  const deflate = isCompressed
    ? Object.assign(new ws.PerMessageDeflate({ isServer, maxPayload: maxMessageBytes }), {
        params: {},
      })
    : undefined;
  const receiver = new ws.Receiver({
    isServer,
    maxPayload: maxMessageBytes,
    maxFragments: maxPieces,
    maxBufferedChunks: maxPieces,
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
  receiver.on('conclude', (code, reason) => {
    tell(8, closePayload(code, reason));
    // Data after a close frame has no meaning (RFC 6455 1.4).
    readable = false;
  });
  receiver.on('error', give);
  return {
    // The receiver unmasks its input in place. Only a client masks (RFC 6455 5.1).
    write: (chunk) => !readable || receiver.write(isServer ? Buffer.from(chunk) : chunk),
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

// RFC 6455 5.5.1; 1005 stands for a close frame without a code (7.1.5).
function closePayload(code: number, reason: Buffer): Buffer {
  if (code === 1005) return Buffer.alloc(0);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, reason]);
}
