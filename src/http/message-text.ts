import type { Body, Header } from '../exchange.ts';
import { asBuffer, textOf } from './body-text.ts';
import { decodeContent } from './content-coding.ts';
import { contentTypeOf } from './content-type.ts';

/** Larger texts are data and are not searched for names and ids. */
const TEXT_BYTES_LIMIT = 2 * 1024 * 1024;

/** A body without its content codings; undefined if it is absent, incomplete or cannot be decoded. */
export async function wholeBody(body: Body | undefined): Promise<Buffer | undefined> {
  if (body === undefined || body.cut || body.size > TEXT_BYTES_LIMIT) return undefined;
  const decoded = decodeContent(await body.bytes(), body.encoding, TEXT_BYTES_LIMIT);
  return 'fault' in decoded ? undefined : asBuffer(decoded.bytes);
}

/** A body as text, if it is complete, text, and short enough to search. */
export async function wholeText(
  body: Body | undefined,
  headers: readonly Header[],
): Promise<string | undefined> {
  const bytes = await wholeBody(body);
  return bytes && textOf(bytes, contentTypeOf(headers));
}
