import { isUtf8 } from 'node:buffer';
import { type Header, headerValue } from '../exchange.ts';
import { bytesOfText, isPlainUtf8 } from '../http/body-text.ts';
import { type ContentType, textuality } from '../http/content-type.ts';

/**
 * The bytes of a body that was written as text. If their number is wrong, the text is read as Chromium and mitmproxy
 * write bytes of unknown charset: Latin-1, or invalid UTF-8 as lone surrogates (PEP 383).
 *
 * @param type the content type of the message
 * @param headers of the message; its Content-Length takes precedence
 * @param sizes possible byte lengths from the rest of the file; several where programs count differently
 */
export function bytesOfWritten(
  text: string,
  type: ContentType | undefined,
  headers: readonly Header[],
  sizes: readonly number[],
): Buffer {
  const bytes = bytesOfText(text, type);
  const announced = announcedLength(headers);
  if (announced === bytes.length + MARK.length && isPlainUtf8(bytes, type))
    return Buffer.concat([MARK, bytes]);
  if (bytes.length === text.length) return bytes;
  const fits = ({ length }: Uint8Array | string) =>
    announced === undefined ? sizes.includes(length) : length === announced;
  if (fits(bytes)) return bytes;
  const escaped = withoutEscapes(text);
  if (escaped && fits(escaped)) return escaped;
  const isCut = announced !== undefined && announced > text.length;
  if (!(isCut || fits(text)) || /[^\0-\xff]/.test(text)) return bytes;
  const latin1 = Buffer.from(text, 'latin1');
  const isTooMuch = announced !== undefined && announced < bytes.length;
  // Text from programs that count characters instead of bytes must keep its umlauts.
  return isTooMuch || isUtf8(latin1) || isBinary(text, type) ? latin1 : bytes;
}

/** The byte order mark of UTF-8, which browsers do not show (Encoding Standard, 6). */
const MARK = Buffer.from('\ufeff');

/** The announced byte length of an uncompressed message. */
export function announcedLength(headers: readonly Header[]): number | undefined {
  const value = headerValue(headers, 'content-length');
  const isPlain = headerValue(headers, 'content-encoding') === undefined;
  return isPlain && value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

function isBinary(text: string, type: ContentType | undefined): boolean {
  return textuality(type?.essence ?? '') !== 'text' && /[\0-\x08\x0e-\x1f\x7f-\x9f]/.test(text);
}

function withoutEscapes(text: string): Buffer | undefined {
  const parts = text.split(/([\udc80-\udcff]+)/u);
  if (parts.length === 1) return undefined;
  // Latin-1 takes the lower byte of each surrogate.
  return Buffer.concat(
    parts.map((part, at) => Buffer.from(part, at % 2 === 1 ? 'latin1' : 'utf8')),
  );
}
