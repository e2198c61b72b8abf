import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { Body, Header } from '../exchange.ts';
import { decodeContent } from './content-coding.ts';
import { type ContentType, contentTypeOf, textuality } from './content-type.ts';
import { formFieldRanges } from './multipart.ts';
import type { Secrets } from './secrets.ts';
import { asBuffer, charsetOf } from './text.ts';

type Replacement = Pick<Secrets, 'text' | 'field'>;

/**
 * The same body with variables in the place of secret values. Without a content coding it is read when its bytes are
 * asked for; with one it has to be read at once, because only then it is known whether the coding stays.
 *
 * @param headers of the message that the body belongs to
 */
export async function redactBody(
  body: Body,
  headers: readonly Header[],
  secrets: Replacement,
): Promise<Body> {
  const type = contentTypeOf(headers);
  if (textuality(type?.essence ?? '') === 'binary') return body;
  if (body.encoding.every((coding) => coding === 'identity')) {
    return { ...body, bytes: async () => redactBytes(await body.bytes(), type, secrets) };
  }
  const decoded = decodeContent(await body.bytes(), body.encoding);
  if ('fault' in decoded) return body;
  const redacted = redactBytes(decoded.bytes, type, secrets);
  if (redacted === decoded.bytes) return body;
  return { ...body, encoding: [], bytes: async () => redacted };
}

/**
 * Decoded bytes with variables in the place of secret values.
 *
 * @returns the very same array where nothing was replaced or where it is no text
 */
export function redactBytes(
  bytes: Uint8Array,
  type: ContentType | undefined,
  secrets: Replacement,
): Uint8Array {
  if (bytes.length === 0) return bytes;
  const boundary = type?.parameters.get('boundary');
  return type?.essence === 'multipart/form-data' && boundary
    ? redactParts(asBuffer(bytes), boundary, secrets)
    : redactText(asBuffer(bytes), type, secrets);
}

function redactText(bytes: Buffer, type: ContentType | undefined, secrets: Replacement): Buffer {
  const text = transparentText(bytes, type);
  if (text === undefined) return bytes;
  const redacted = secrets.text(text.text, type?.essence);
  return redacted === text.text ? bytes : text.write(redacted);
}

/** Text that gives the same bytes when it is written again. */
type TransparentText = { readonly text: string; write(text: string): Buffer };

function transparentText(
  bytes: Buffer,
  type: ContentType | undefined,
): TransparentText | undefined {
  const charset = charsetOf(bytes, type);
  if (charset !== undefined && charset !== 'utf8') {
    const options = { stripBOM: false, addBOM: false };
    const text = iconv.decode(bytes, charset, options);
    const write = (changed: string) => iconv.encode(changed, charset, options);
    if (write(text).equals(bytes)) return { text, write };
  }
  const binary = bytes.includes(0);
  if (!binary && isUtf8(bytes)) return { text: bytes.toString(), write: Buffer.from };
  if (binary || textuality(type?.essence ?? '') !== 'text') return undefined;
  return { text: bytes.toString('latin1'), write: (text) => Buffer.from(text, 'latin1') };
}

/** The values of a form's parts, each for itself; what frames them stays. */
function redactParts(bytes: Buffer, boundary: string, secrets: Replacement): Buffer {
  const pieces: Buffer[] = [];
  let written = 0;
  const fields = formFieldRanges(bytes, boundary);
  const names = fields.map(({ name }) => name);
  for (const { name, start, end, type } of fields) {
    const value = bytes.subarray(start, end);
    const redacted = redactPart(value, type, secrets, (text) => secrets.field(name, text, names));
    if (redacted === value) continue;
    pieces.push(bytes.subarray(written, start), redacted);
    written = end;
  }
  if (written === 0) return bytes;
  return Buffer.concat([...pieces, bytes.subarray(written)]);
}

function redactPart(
  value: Buffer,
  type: ContentType | undefined,
  secrets: Replacement,
  redactField: (text: string) => string,
): Buffer {
  // A part with a type of its own is a document; its name says nothing of what is in it.
  if (value.length === 0 || type !== undefined || !isUtf8(value)) {
    return redactText(value, type, secrets);
  }
  const text = value.toString();
  const redacted = redactField(text);
  return redacted === text ? value : Buffer.from(redacted);
}
