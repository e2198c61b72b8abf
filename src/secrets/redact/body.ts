import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { Body, Header, WebSocketMessage } from '../../exchange.ts';
import { asBuffer, charsetOf } from '../../http/body-text.ts';
import { decodeContent, isCoded } from '../../http/content-coding.ts';
import { type ContentType, contentTypeOf, textuality } from '../../http/content-type.ts';
import { formFieldRanges } from '../../http/multipart.ts';
import type { Reading, Secrets } from '../secrets.ts';

/** Replaces secrets, or only learns them. */
type Treatment = Pick<Secrets, 'text' | 'field'>;

/**
 * Returns the body with secret values replaced by variables. A body without a content coding is read lazily. A body with
 * one is read at once, to determine whether the coding stays.
 *
 * @param headers of the message that the body belongs to
 */
export async function redactBody(
  body: Body,
  headers: readonly Header[],
  secrets: Treatment,
): Promise<Body> {
  const type = contentTypeOf(headers);
  if (textuality(type?.essence ?? '') === 'binary') return body;
  if (!isCoded(body)) {
    return { ...body, bytes: async () => redactBytes(await body.bytes(), type, secrets) };
  }
  const decoded = decodeContent(await body.bytes(), body.encoding);
  if ('fault' in decoded) return body;
  const redacted = redactBytes(decoded.bytes, type, secrets);
  if (redacted === decoded.bytes) return body;
  return { ...body, encoding: [], bytes: async () => redacted };
}

/**
 * Replaces secret values in decoded bytes by variables.
 *
 * @returns the same array if nothing was replaced or the bytes are not text
 */
export function redactBytes(
  bytes: Uint8Array,
  type: ContentType | undefined,
  secrets: Treatment,
): Uint8Array {
  if (bytes.length === 0) return bytes;
  const boundary = type?.parameters.get('boundary');
  return type?.essence === 'multipart/form-data' && boundary
    ? redactParts(asBuffer(bytes), boundary, secrets)
    : redactText(asBuffer(bytes), type, secrets);
}

function redactText(bytes: Buffer, type: ContentType | undefined, secrets: Treatment): Buffer {
  const text = transparentText(bytes, type);
  if (text === undefined) return bytes;
  const redacted = secrets.text(text.text, type?.essence);
  return redacted === text.text ? bytes : text.write(redacted);
}

/**
 * Passes the text of a body to the learner.
 *
 * @returns the result, if the body was read as one UTF-8 text
 */
export async function learnFromBody(
  body: Body,
  headers: readonly Header[],
  learning: Secrets['learning'],
): Promise<Reading | undefined> {
  const type = contentTypeOf(headers);
  if (textuality(type?.essence ?? '') === 'binary') return undefined;
  const coded = await body.bytes();
  const decoded = isCoded(body) ? decodeContent(coded, body.encoding) : { bytes: coded };
  if ('fault' in decoded) return undefined;
  const bytes = asBuffer(decoded.bytes);
  if (type?.essence === 'multipart/form-data') {
    redactBytes(bytes, type, learning);
    return undefined;
  }
  const text = transparentText(bytes, type);
  if (text === undefined) return undefined;
  learning.text(text.text, type?.essence);
  return text.isUtf8 ? learning.last : undefined;
}

/** RFC 6455, 5.5.1: a close frame begins with two bytes of code. */
const CLOSE = 8;

/** Replaces secret values in a WebSocket message by variables; a learner gets the message back unchanged. */
export function redactFrame(message: WebSocketMessage, secrets: Treatment): WebSocketMessage {
  const start = message.opcode === CLOSE ? 2 : 0;
  const payload = message.data.subarray(start);
  const redacted = redactBytes(payload, undefined, secrets);
  if (redacted === payload) return message;
  return { ...message, data: Buffer.concat([message.data.subarray(0, start), redacted]) };
}

/** Text that encodes to the same bytes again. */
type TransparentText = {
  readonly text: string;
  /** The text is the bytes read as UTF-8. */
  readonly isUtf8: boolean;
  write(text: string): Buffer;
};

function transparentText(
  bytes: Buffer,
  type: ContentType | undefined,
): TransparentText | undefined {
  const charset = charsetOf(bytes, type);
  if (charset !== undefined && charset !== 'utf8') {
    const options = { stripBOM: false, addBOM: false };
    const text = iconv.decode(bytes, charset, options);
    const write = (changed: string) => iconv.encode(changed, charset, options);
    if (write(text).equals(bytes)) return { text, isUtf8: false, write };
  }
  const binary = bytes.includes(0);
  if (!binary && isUtf8(bytes)) return { text: bytes.toString(), isUtf8: true, write: Buffer.from };
  if (binary || textuality(type?.essence ?? '') !== 'text') return undefined;
  const write = (text: string) => Buffer.from(text, 'latin1');
  return { text: bytes.toString('latin1'), isUtf8: false, write };
}

/** Replaces secrets in each part of a form separately; the framing is unchanged. */
function redactParts(bytes: Buffer, boundary: string, secrets: Treatment): Buffer {
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
  secrets: Treatment,
  redactField: (text: string) => string,
): Buffer {
  // A part with its own media type is a document; its name does not describe its contents.
  if (value.length === 0 || type !== undefined || !isUtf8(value)) {
    return redactText(value, type, secrets);
  }
  const text = value.toString();
  const redacted = redactField(text);
  return redacted === text ? value : Buffer.from(redacted);
}
