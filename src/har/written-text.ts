import { isUtf8 } from 'node:buffer';
import { type ContentType, textuality } from '../collection/content-type.ts';
import { bytesOfText } from '../collection/text.ts';

/**
 * The bytes of a body that somebody wrote as text. Where they are not as many as there were, the text is taken for what
 * mitmproxy makes of bytes whose charset nobody names: Latin-1, or what is no UTF-8 as lone surrogates (PEP 383).
 *
 * @param type what the message says that it holds
 * @param sizes how many bytes there were, as far as the file tells; several where programs differ in what they count
 */
export function bytesOfWritten(
  text: string,
  type: ContentType | undefined,
  sizes: readonly number[],
): Buffer {
  const bytes = bytesOfText(text, type);
  const fits = ({ length }: Uint8Array) => sizes.includes(length);
  if (bytes.length === text.length || fits(bytes)) return bytes;
  const escaped = withoutEscapes(text);
  if (escaped && fits(escaped)) return escaped;
  const isLatin1 = sizes.includes(text.length) && !/[^\0-\xff]/.test(text);
  const latin1 = isLatin1 ? Buffer.from(text, 'latin1') : bytes;
  return isUtf8(latin1) || isBinary(text, type) ? latin1 : bytes;
}

// Programs that count characters where bytes are meant must not lose their umlauts.
function isBinary(text: string, type: ContentType | undefined): boolean {
  return textuality(type?.essence ?? '') !== 'text' && /[\0-\x08\x0e-\x1f\x7f-\x9f]/.test(text);
}

function withoutEscapes(text: string): Buffer | undefined {
  const parts = text.split(/([\udc80-\udcff]+)/u);
  if (parts.length === 1) return undefined;
  // Of each surrogate, Latin-1 takes the lower half.
  return Buffer.concat(
    parts.map((part, at) => Buffer.from(part, at % 2 === 1 ? 'latin1' : 'utf8')),
  );
}
