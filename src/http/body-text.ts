import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { type ContentType, languageOf, textuality } from './content-type.ts';

/**
 * Decodes bytes as text if they are text.
 *
 * @param bytes decoded bytes (no content coding left)
 * @param contentType the message's content type
 * @returns the text, or undefined for binary content
 */
export function textOf(
  bytes: Uint8Array,
  contentType: ContentType | undefined,
): string | undefined {
  const buffer = asBuffer(bytes);
  const nature = textuality(contentType?.essence ?? '');
  if (nature === 'binary') return undefined;
  const charset = charsetOf(buffer, contentType);
  if (charset !== undefined) return iconv.decode(buffer, charset);
  const looksBinary = buffer.includes(0);
  if (!looksBinary && isUtf8(buffer)) return buffer.toString('utf8');
  if (looksBinary || nature === 'unknown') return undefined;
  return buffer.toString('latin1');
}

/**
 * Encodes a text as the bytes that `textOf` decodes: in the charset that the message or the document names, else in
 * UTF-8. A character that the charset lacks becomes a question mark.
 */
export function bytesOfText(text: string, contentType: ContentType | undefined): Buffer {
  const bytes = Buffer.from(text);
  const charset = charsetOf(bytes, contentType);
  return charset === undefined || charset === 'utf8' ? bytes : iconv.encode(text, charset);
}

/**
 * The charset of a text, if it is not plain UTF-8: a byte order mark takes precedence (Encoding
 * Standard, 6), then `Content-Type`, then the document's declaration. A UTF-8 label on other bytes does not count.
 */
export function charsetOf(
  buffer: Buffer,
  contentType: ContentType | undefined,
): string | undefined {
  const mark = byteOrderMark(buffer);
  if (mark !== undefined) return mark;
  const named =
    contentType?.parameters.get('charset') ?? declaredCharset(buffer, contentType?.essence);
  if (named === undefined || /^(utf-?8|us-ascii)$/i.test(named)) return undefined;
  return iconv.encodingExists(named) && !NO_CHARSETS.test(named) ? named : undefined;
}

/** Whether bytes are UTF-8 and no label contradicts it: decoding and encoding them returns the same bytes. */
export function isPlainUtf8(bytes: Buffer, contentType: ContentType | undefined): boolean {
  return isUtf8(bytes) && !bytes.includes(0) && charsetOf(bytes, contentType) === undefined;
}

// iconv-lite also knows Node's transfer encodings by name; documents do not use them.
const NO_CHARSETS = /^(base64|hex|internal)$/i;

function byteOrderMark(buffer: Buffer): string | undefined {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) {
    return isUtf8(buffer) ? 'utf8' : undefined;
  }
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  return buffer[0] === 0xfe && buffer[1] === 0xff ? 'utf-16be' : undefined;
}

/** The part of a document that is searched for a declaration (HTML, 13.2.3.2). */
const PRESCAN_BYTES = 1024;

function declaredCharset(buffer: Buffer, essence: string | undefined): string | undefined {
  const language = languageOf(essence ?? '');
  if (language !== 'html' && language !== 'xml') return undefined;
  const head = buffer.toString('latin1', 0, PRESCAN_BYTES);
  const found =
    language === 'html'
      ? /<meta[^<>]+charset\s*=\s*["']?([\w:.-]+)/i.exec(head)
      : /^<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i.exec(head);
  return found?.[1];
}

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A copy of the text in its own memory: a substring keeps the whole text in memory. */
export function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
