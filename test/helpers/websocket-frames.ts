import { deflateRawSync } from 'node:zlib';

/** What a server answers to a WebSocket's handshake, with these header lines as well. */
export const switching = (...lines: string[]): string =>
  ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...lines]
    .concat('\r\n')
    .join('\r\n');

/** A WebSocket's handshake in origin-form. */
export const handshake = (host: string, target = '/'): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

export type FrameOptions = {
  /** 1 (text) unless given. */
  readonly opcode?: number;
  /** False for a fragment that others follow. */
  readonly fin?: boolean;
  /** A client's mask. */
  readonly mask?: Buffer;
  readonly compressed?: boolean;
};

/** One frame (RFC 6455 5.2); `payload` is what is on the wire but for the mask. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, mask, compressed = false } = options;
  const bytes = Buffer.from(payload as string);
  const first = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const head = Buffer.concat([Buffer.from([first]), lengthOf(bytes.length, mask !== undefined)]);
  if (mask === undefined) return Buffer.concat([head, bytes]);
  const masked = bytes.map((byte, index) => byte ^ (mask[index % 4] as number));
  return Buffer.concat([head, mask, masked]);
}

function lengthOf(length: number, isMasked: boolean): Buffer {
  const flag = isMasked ? 0x80 : 0;
  if (length < 126) return Buffer.from([flag | length]);
  const bytes = Buffer.alloc(length < 65_536 ? 3 : 9);
  bytes[0] = flag | (length < 65_536 ? 126 : 127);
  if (length < 65_536) bytes.writeUInt16BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** A message compressed as RFC 7692 7.2.1 says, in a context of its own. */
export function deflated(text: string): Buffer {
  // Z_SYNC_FLUSH, whose last four bytes are left out.
  return deflateRawSync(text, { finishFlush: 2 }).subarray(0, -4);
}
