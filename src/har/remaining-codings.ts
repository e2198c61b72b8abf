import { brotliDecompressSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { Header } from '../exchange.ts';
import { contentCodings } from '../http/content-coding.ts';

/** The most bytes decoded to test for a coding. */
const DECODED_BYTES_LIMIT = 32 * 1024 * 1024;

/**
 * The content codings that a body still has. HAR stores decoded bodies (1.2, content), but BrowserMob writes a body that
 * it cannot decode unchanged.
 *
 * @param read returns the body as it was written
 * @param headers of its message
 * @returns the codings in the order of application; empty if the last one has been removed
 */
export function remainingCodings(read: () => Buffer, headers: readonly Header[]): string[] {
  const codings = contentCodings(headers);
  return isCodedAs(codings.at(-1), read) ? codings : [];
}

function isCodedAs(coding: string | undefined, read: () => Buffer): boolean {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      // RFC 1952, 2.3.1: the method is always 8.
      return startsWith(read(), 0x1f, 0x8b, 0x08);
    case 'zstd':
      // RFC 8878, 3.1.1.
      return startsWith(read(), 0x28, 0xb5, 0x2f, 0xfd);
    case 'br':
      return decodes(brotliDecompressSync, read());
    case 'deflate':
      return decodes(inflateSync, read()) || decodes(inflateRawSync, read());
    default:
      return false;
  }
}

function startsWith(bytes: Buffer, ...magic: number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

type Decoder = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** A coding without a signature is recognized by decoding the whole stream. */
function decodes(decode: Decoder, bytes: Buffer): boolean {
  try {
    return decode(bytes, { maxOutputLength: DECODED_BYTES_LIMIT }).length > 0;
  } catch {
    return false;
  }
}
