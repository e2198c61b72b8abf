import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { Decompress } from 'fzstd';
import { describeError } from '../errors.ts';
import { type Header, headerValues } from '../exchange.ts';

/** Decoded bytes, or the reason why decoding failed. */
export type Decoded = { readonly bytes: Uint8Array } | { readonly fault: string };

/** The content codings of a message in the order in which they were applied, lower case, without `identity` (RFC 9110, 8.4). */
export function contentCodings(headers: readonly Header[]): string[] {
  return headerValues(headers, 'content-encoding')
    .flatMap((value) => value.split(','))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** Whether a body has a content coding that changes its bytes (RFC 9110, 8.4.1; `identity` does not). */
export function isCoded({ encoding }: { readonly encoding: readonly string[] }): boolean {
  return encoding.some((coding) => coding !== 'identity');
}

/** The limit for a decoded body, whatever its encoded size. */
const DECODED_BYTES_LIMIT = 32 * 1024 * 1024;

/**
 * Decodes a body's content codings (RFC 9110, 8.4), the last applied first.
 *
 * @param bytes the bytes as transferred; a truncated stream is decoded as far as possible
 * @param encoding the codings in the order in which they were applied, lower case
 * @param limit the maximum number of bytes that each step may return
 * @returns never throws: an unknown coding, broken data and a result beyond `limit` return a fault in words
 */
export function decodeContent(
  bytes: Uint8Array,
  encoding: readonly string[],
  limit = DECODED_BYTES_LIMIT,
): Decoded {
  let current = bytes;
  for (const coding of encoding.toReversed()) {
    if (current.length === 0) return { bytes: current };
    const decode = DECODERS[coding];
    if (decode === undefined) return { fault: `unknown content coding ${coding}` };
    try {
      current = decode(current, limit);
    } catch (error) {
      return { fault: `${coding}: ${describeError(error)}` };
    }
  }
  if (current.length > limit) return { fault: `larger than ${limit} bytes` };
  return { bytes: current };
}

type Decoder = (bytes: Uint8Array, limit: number) => Uint8Array;

const DECODERS: Partial<Record<string, Decoder>> = Object.assign(Object.create(null), {
  identity: (bytes: Uint8Array) => bytes,
  gzip,
  'x-gzip': gzip,
  deflate,
  br: brotli,
  zstd,
} satisfies Record<string, Decoder>);

function gzip(bytes: Uint8Array, limit: number): Uint8Array {
  return gunzipSync(bytes, zlibOptions(limit));
}

/** "deflate" is the zlib format (RFC 9110, 8.4.1.2); some servers send it without the zlib head. */
function deflate(bytes: Uint8Array, limit: number): Uint8Array {
  const head = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const isZlib = ((bytes[0] ?? 0) & 0x0f) === 8 && head % 31 === 0;
  return isZlib
    ? inflateSync(bytes, zlibOptions(limit))
    : inflateRawSync(bytes, zlibOptions(limit));
}

function brotli(bytes: Uint8Array, limit: number): Uint8Array {
  return brotliDecompressSync(bytes, {
    maxOutputLength: limit,
    finishFlush: constants.BROTLI_OPERATION_FLUSH,
  });
}

function zlibOptions(limit: number): { maxOutputLength: number; finishFlush: number } {
  // Z_SYNC_FLUSH: a truncated stream returns its content instead of an error.
  return { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH };
}

function zstd(bytes: Uint8Array, limit: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const decoder = new Decompress((chunk) => {
    size += chunk.length;
    if (size > limit) throw new RangeError(`larger than ${limit} bytes`);
    chunks.push(chunk);
  });
  decoder.push(bytes, true);
  return Buffer.concat(chunks);
}
