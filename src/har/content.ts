import type { Body, Header, RecordedRequest } from '../exchange.ts';
import { headerValue } from '../exchange.ts';
import { asBuffer, bytesOfText, isPlainUtf8, textOf } from '../http/body-text.ts';
import { decodeContent } from '../http/content-coding.ts';
import { type ContentType, contentTypeOf } from '../http/content-type.ts';
import type { HarContent, HarParam, HarPostData } from './types.ts';

/** The decoded body of a response; has no text if there is no body. */
export async function contentOf(
  body: Body | undefined,
  headers: readonly Header[],
): Promise<HarContent> {
  const mimeType = headerValue(headers, 'content-type') ?? '';
  if (body === undefined) return { size: 0, mimeType };
  const coded = asBuffer(await body.bytes());
  const decoded = body.encoding.length === 0 ? coded : decodedOrNot(coded, body.encoding);
  const bytes = decoded ?? coded;
  const { text, base64 } = written(bytes, contentTypeOf(headers));
  return {
    size: bytes.length,
    ...(decoded !== coded && decoded && { compression: decoded.length - body.size }),
    mimeType,
    text,
    ...(base64 && { encoding: 'base64' }),
    ...(decoded === undefined && { _codings: body.encoding }),
    ...(body.cut && { _cut: true }),
  };
}

function decodedOrNot(bytes: Buffer, encoding: readonly string[]): Buffer | undefined {
  const decoded = decodeContent(bytes, encoding);
  return 'fault' in decoded ? undefined : asBuffer(decoded.bytes);
}

/** A request's body as it was sent: a decoded body would not match its headers on replay. */
export async function postDataOf(
  body: Body,
  { headers }: Pick<RecordedRequest, 'headers'>,
): Promise<HarPostData> {
  const bytes = asBuffer(await body.bytes());
  const type = contentTypeOf(headers);
  const coded = body.encoding.length > 0;
  const { text, base64 } = coded ? asBase64(bytes) : written(bytes, type);
  return {
    mimeType: headerValue(headers, 'content-type') ?? '',
    params: base64 ? [] : formParams(text, type),
    text,
    ...(base64 && { _encoding: 'base64' }),
    ...(coded && { _codings: body.encoding }),
    ...(body.cut && { _cut: true }),
  };
}

type Written = { readonly text: string; readonly base64: boolean };

/** Text if it converts back to the same bytes, otherwise base64. */
function written(bytes: Buffer, type: ContentType | undefined): Written {
  const read = textOf(bytes, type);
  if (read === undefined) return asBase64(bytes);
  if (isPlainUtf8(bytes, type)) return { text: read, base64: false };
  // Decoders drop the byte order mark.
  const text = startsWithMark(bytes) && !read.startsWith('\uFEFF') ? `\uFEFF${read}` : read;
  return bytesOfText(text, type).equals(bytes) ? { text, base64: false } : asBase64(bytes);
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function asBase64(bytes: Buffer): Written {
  return { text: bytes.toString('base64'), base64: true };
}

// Some importers read the parts of a multipart body from its text only if there are no params.
function formParams(text: string, type: ContentType | undefined): HarParam[] {
  if (type?.essence !== 'application/x-www-form-urlencoded') return [];
  return [...new URLSearchParams(text)].map(([name, value]) => ({ name, value }));
}
