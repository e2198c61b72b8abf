/** A length-prefixed message; the payload is a view of the body's bytes. */
export type Frame = { readonly flags: number; readonly payload: Uint8Array };

/** Bit 0 of a frame's flags: the payload is compressed. */
export const COMPRESSED = 0x01;
/** Bit 1 in Connect: the payload is the end of the stream, as JSON. */
export const CONNECT_END = 0x02;
/** Bit 7 in gRPC-Web: the payload is trailers, as text. */
export const WEB_TRAILERS = 0x80;

/** The bytes before the payload. */
export const HEAD_BYTES = 5;

/**
 * Reads the length-prefixed messages of a body (gRPC over HTTP/2, "Length-Prefixed-Message"; Connect, "Enveloped-Message"):
 * a byte of flags, four bytes of length, the message.
 *
 * @param most the maximum number of frames read
 * @returns the complete frames, and a description of the bytes after them
 */
export function readFrames(
  body: Uint8Array,
  most: number,
): { readonly frames: readonly Frame[]; readonly fault?: string } {
  const frames: Frame[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  while (at < body.length) {
    if (frames.length === most) {
      return { frames, fault: `only the first ${most} messages are read` };
    }
    const left = body.length - at - HEAD_BYTES;
    if (left < 0) return { frames, fault: 'the body ends within the prefix of a message' };
    const length = view.getUint32(at + 1);
    if (length > left) {
      return {
        frames,
        fault: `the last message is announced with ${length} bytes, of which ${left} are there`,
      };
    }
    const start = at + HEAD_BYTES;
    frames.push({ flags: view.getUint8(at), payload: body.subarray(start, start + length) });
    at = start + length;
  }
  return { frames };
}
