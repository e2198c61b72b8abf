import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { type ContentType, languageOf, textuality } from './content-type.ts';

/**
 * Reads bytes as text where they are text.
 *
 * @param bytes decoded bytes (no content coding left)
 * @param contentType what the message says they are
 * @returns the text, or undefined for what is binary
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
 * Writes a text as the bytes that `textOf` reads it from: in the charset that the message or the document names, else in
 * UTF-8. A character that the charset does not have becomes a question mark.
 */
export function bytesOfText(text: string, contentType: ContentType | undefined): Buffer {
  const bytes = Buffer.from(text);
  const charset = charsetOf(bytes, contentType);
  return charset === undefined || charset === 'utf8' ? bytes : iconv.encode(text, charset);
}

/**
 * The charset that a text is in, where it is another than plain UTF-8: a byte order mark is believed first (Encoding
 * Standard, 6), then `Content-Type`, then what the document says of itself. UTF-8 that is not is no charset at all.
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

/** Whether bytes are UTF-8 and nothing speaks against it: what is read of them, written again, is the same bytes. */
export function isPlainUtf8(bytes: Buffer, contentType: ContentType | undefined): boolean {
  return isUtf8(bytes) && !bytes.includes(0) && charsetOf(bytes, contentType) === undefined;
}

// iconv-lite also knows Node's transfer encodings by name; no document is in those.
const NO_CHARSETS = /^(base64|hex|internal)$/i;

function byteOrderMark(buffer: Buffer): string | undefined {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) {
    return isUtf8(buffer) ? 'utf8' : undefined;
  }
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  return buffer[0] === 0xfe && buffer[1] === 0xff ? 'utf-16be' : undefined;
}

/** How far into a document a declaration is looked for (HTML, 13.2.3.2). */
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

/** The same text in memory of its own: a part of a text keeps all of it. */
export function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
