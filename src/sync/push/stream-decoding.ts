import type { Transform } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Decompress } from 'fzstd';

/** Decodes a text that comes in pieces. */
export type Decoding = {
  /** The text of the next piece; nothing once the text cannot be decoded any more. */
  decode(bytes: Uint8Array): Promise<string>;
  /** A piece was lost. Behind it, compressed text cannot be decoded. */
  skip(): void;
  close(): void;
};

/** More than this comes out of no piece. */
const maxDecodedBytes = 4 * 1024 * 1024;

/**
 * Decodes UTF-8 under a content coding (RFC 9110, 8.4).
 *
 * @param encoding the value of `Content-Encoding`. Text with several or unknown codings is left out
 */
export function decodingOf(encoding: string): Decoding {
  const text = new StringDecoder('utf8');
  const coding = encoding.trim().toLowerCase();
  if (coding === '' || coding === 'identity') {
    return { decode: async (bytes) => text.write(Buffer.from(bytes)), skip() {}, close() {} };
  }
  const decompress = decompressorOf(coding);
  let isLost = decompress === undefined;
  return {
    async decode(bytes) {
      if (isLost || decompress === undefined) return '';
      const decoded = await decompress.push(bytes);
      if (decoded === undefined) isLost = true;
      return decoded === undefined ? '' : text.write(decoded);
    },
    skip() {
      isLost = true;
    },
    close: () => decompress?.close(),
  };
}

type Decompressor = {
  /** Returns undefined where the bytes cannot be decompressed. */
  push(bytes: Uint8Array): Promise<Buffer | undefined>;
  close(): void;
};

function decompressorOf(coding: string): Decompressor | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return throughZlib(createGunzip());
    case 'deflate':
      return throughZlib(createInflate());
    case 'br':
      return throughZlib(createBrotliDecompress());
    case 'zstd':
      return throughZstd();
    default:
      return undefined;
  }
}

function throughZlib(stream: Transform): Decompressor {
  let chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxDecodedBytes) stream.destroy();
    else chunks.push(chunk);
  });
  // `push` gives the same error to its caller.
  stream.on('error', () => {});
  return {
    push: (bytes) =>
      new Promise((resolve) => {
        chunks = [];
        size = 0;
        if (stream.destroyed) resolve(undefined);
        else {
          const closed = () => resolve(undefined);
          stream.once('close', closed);
          stream.write(bytes, (error) => {
            stream.off('close', closed);
            resolve(error ? undefined : Buffer.concat(chunks));
          });
        }
      }),
    close: () => stream.destroy(),
  };
}

function throughZstd(): Decompressor {
  let chunks: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => chunks.push(chunk));
  return {
    async push(bytes) {
      chunks = [];
      try {
        decoder.push(bytes);
        return Buffer.concat(chunks);
      } catch {
        return undefined;
      }
    },
    close() {},
  };
}
