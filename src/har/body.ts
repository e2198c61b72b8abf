import type { Body, Header } from '../exchange.ts';
import { bytesOfText } from '../http/body-text.ts';
import { type ContentType, contentTypeOf, parseContentType } from '../http/content-type.ts';
import { remainingCodings } from './remaining-codings.ts';
import type { ReadContent, ReadPostData } from './schema.ts';
import { announcedLength, bytesOfWritten } from './written-text.ts';

type Written = {
  readonly text: string;
  readonly base64: boolean;
  readonly codings: readonly string[];
  readonly cut: boolean;
  /** The bytes received in all, if known. */
  readonly wireSize: number;
  /** The possible byte lengths of the original body; programs count differently. */
  readonly sizes: readonly number[];
  readonly headers: readonly Header[];
  readonly type: ContentType | undefined;
  readonly isForeign: boolean;
};

/**
 * Reads a response body from its content; undefined if there was none.
 *
 * @param isForeign another program wrote it, so its text may be mislabeled
 */
export function responseBody(
  content: ReadContent | null | undefined,
  bodySize: number,
  headers: readonly Header[],
  isForeign: boolean,
): Body | undefined {
  if (content?.text == null) {
    // Programs omit a body that they did not keep, but still write its size.
    return notKept(content?.size ?? 0);
  }
  return restored({
    text: content.text,
    base64: content.encoding?.toLowerCase() === 'base64',
    codings: content._codings ?? [],
    cut: content._cut === true,
    wireSize: bodySize,
    // mitmproxy counts the bytes on the wire, and gives the growth by decoding.
    sizes: [content.size, content.size + content.compression],
    headers,
    type: contentTypeOf(headers) ?? parseContentType(content.mimeType),
    isForeign,
  });
}

/**
 * Marks a foreign body that is shorter than its message announced: Firefox keeps only the first MiB of a request body and
 * does not mark truncated responses.
 */
export function cutWhereShort(body: Body, headers: readonly Header[]): Body {
  const announced = announcedLength(headers) ?? 0;
  return announced > body.size ? { ...body, size: announced, cut: true } : body;
}

/**
 * Reads a request's body.
 *
 * @param bodySize its length, if known, even if it was not kept
 * @param isForeign another program wrote it, so its text may be mislabeled
 */
export function requestBody(
  postData: ReadPostData | null | undefined,
  bodySize: number,
  headers: readonly Header[],
  isForeign: boolean,
): Body | undefined {
  if (postData == null) return notKept(bodySize);
  const type = contentTypeOf(headers) ?? parseContentType(postData.mimeType);
  const { text } = postData;
  if (text == null) return undefined;
  return restored({
    text,
    base64: (postData._encoding ?? postData.encoding)?.toLowerCase() === 'base64',
    codings: postData._codings ?? [],
    cut: postData._cut === true,
    wireSize: bodySize,
    sizes: [bodySize],
    headers,
    type,
    isForeign,
  });
}

/** A body with only its size; undefined if that is 0 or unknown. */
function notKept(size: number): Body | undefined {
  if (size <= 0) return undefined;
  return { size, encoding: [], cut: true, bytes: async () => new Uint8Array() };
}

/** The longest text whose bytes are kept beside it. */
const SMALL = 64 * 1024;

function restored(written: Written): Body {
  const { text, base64, codings, cut, wireSize, sizes, headers, type, isForeign } = written;
  const read = () => {
    if (base64) return Buffer.from(text, 'base64');
    return isForeign ? bytesOfWritten(text, type, headers, sizes) : bytesOfText(text, type);
  };
  // Encoding a small text once costs less than encoding it again for each reader.
  const small = !base64 && text.length < SMALL ? read() : undefined;
  const kept = base64 ? Buffer.byteLength(text, 'base64') : (small ?? read()).length;
  return {
    size: cut ? Math.max(wireSize, kept) : kept,
    encoding: base64 && isForeign ? remainingCodings(read, headers) : codings,
    ...(cut && { cut }),
    bytes: async () => small ?? read(),
  };
}
