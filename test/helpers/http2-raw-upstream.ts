import type { Socket } from 'node:net';
import { frame } from './http2-frames.ts';
import { tcpUpstream, type Upstream } from './upstream.ts';

/** A frame as it came (RFC 9113 4.1). */
export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

/** Frame types by name (RFC 9113 6). */
export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** A client's connection to a server by hand. */
export type RawSession = {
  readonly socket: Socket;
  /** Everything that the client has sent. */
  readonly frames: readonly Frame[];
  send(...frames: Buffer[]): void;
};

/**
 * Starts a server that speaks HTTP/2 by hand, in clear text: its SETTINGS are sent at once, everything else is up to the test.
 *
 * @param onFrame called for each frame of a client; its own SETTINGS are acknowledged already
 * @param settings the payload of the SETTINGS
 */
export async function rawHttp2Upstream(
  onFrame: (frame: Frame, session: RawSession) => void,
  settings = Buffer.alloc(0),
): Promise<Upstream & { readonly received: readonly RawSession[] }> {
  const received: RawSession[] = [];
  const upstream = await tcpUpstream((socket) => {
    const frames: Frame[] = [];
    const session: RawSession = {
      socket,
      frames,
      send: (...sent) => void socket.write(Buffer.concat(sent)),
    };
    received.push(session);
    session.send(frame(frameType.settings, 0, 0, settings));
    let held = Buffer.alloc(0);
    let hasPreface = false;
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      if (!hasPreface && held.length >= 24) {
        hasPreface = true;
        held = held.subarray(24);
      }
      while (hasPreface && held.length >= 9 && held.length >= 9 + held.readUIntBE(0, 3)) {
        const next = take(held);
        held = held.subarray(9 + next.payload.length);
        frames.push(next);
        if (next.type === frameType.settings && next.flags === 0)
          session.send(frame(frameType.settings, 1, 0));
        onFrame(next, session);
      }
    });
  });
  return Object.assign(Object.create(upstream), { received }) as typeof upstream & {
    received: RawSession[];
  };
}

function take(bytes: Buffer): Frame {
  const length = bytes.readUIntBE(0, 3);
  return {
    type: bytes.readUInt8(3),
    flags: bytes.readUInt8(4),
    stream: bytes.readUInt32BE(5),
    payload: bytes.subarray(9, 9 + length),
  };
}

/** The field block of an answer with status 200 (RFC 7541 A). */
export const ok = Buffer.from([0x88]);

/** HEADERS of an answer; `end` says that nothing follows. */
export function answerHeaders(stream: number, block: Buffer = ok, end = false): Buffer {
  return frame(frameType.headers, end ? 5 : 4, stream, block);
}

/** DATA of an answer. */
export function answerData(stream: number, text: string, end = false): Buffer {
  return frame(frameType.data, end ? 1 : 0, stream, Buffer.from(text));
}

/** RST_STREAM. */
export function answerReset(stream: number, code: number): Buffer {
  return frame(frameType.reset, 0, stream, uint32(code));
}

/** GOAWAY. */
export function goaway(lastStream: number, code: number): Buffer {
  return frame(frameType.goaway, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
}

/** A field line without indexing or Huffman coding (RFC 7541 6.2.2). */
export function line(name: string, value: string): Buffer {
  const string = (text: string) =>
    Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
  return Buffer.concat([Buffer.from([0]), string(name), string(value)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
