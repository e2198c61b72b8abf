import type { HarEntry } from '../../sync/wire/page-events.ts';

/** A captured body: text, or bytes in base64. */
export type Body = {
  /** The value of the Content-Type header, with its parameters. */
  readonly mimeType: string;
  readonly text: string;
  readonly base64: boolean;
  /** The size of the whole decoded body, in bytes. */
  readonly size: number;
  /** Whether the body was truncated. */
  readonly cut: boolean;
};

/** The form in which a body is shown. */
export type BodyForm = 'json' | 'image' | 'hex' | 'text';

/** The body of a request; undefined when there was none. */
export function requestBody({ request }: HarEntry): Body | undefined {
  const { postData, bodySize } = request;
  if (postData === undefined || (postData.text === '' && bodySize <= 0)) return undefined;
  return {
    mimeType: postData.mimeType,
    text: postData.text,
    base64: postData._encoding === 'base64',
    size: bodySize >= 0 ? bodySize : postData.text.length,
    cut: postData._cut === true,
  };
}

/** The body of a response; undefined when there was none or it was not kept. */
export function responseBody({ response }: HarEntry): Body | undefined {
  const { content } = response;
  if (content.text === undefined || (content.text === '' && content.size <= 0)) return undefined;
  return {
    mimeType: content.mimeType,
    text: content.text,
    base64: content.encoding === 'base64',
    size: content.size,
    cut: content._cut === true,
  };
}

/** The image types that every browser can show. */
const IMAGE = /^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|svg\+xml)$/;

/** The form in which a body is shown first, chosen by its media type and its content. */
export function formOf({ mimeType, text, base64 }: Body): BodyForm {
  const type = essenceOf(mimeType);
  if (IMAGE.test(type)) return 'image';
  if (base64) return 'hex';
  if (/[/+]json$/.test(type) || /^\s*[{[]/.test(text)) return 'json';
  return 'text';
}

/** The media type without parameters, in lower case. */
export function essenceOf(mimeType: string): string {
  return (mimeType.split(';')[0] ?? '').trim().toLowerCase();
}

/** The bytes of a body. */
export function bytesOf({ text, base64 }: Pick<Body, 'text' | 'base64'>): Uint8Array {
  if (!base64) return new TextEncoder().encode(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/**
 * The address of an image. A `data:` URL has an opaque origin, so a script in an SVG that is opened by itself cannot reach
 * this page.
 */
export function imageUrl(body: Body): string {
  const type = essenceOf(body.mimeType);
  if (body.base64) return `data:${type};base64,${body.text}`;
  // Lone surrogates cannot be encoded.
  return `data:${type},${encodeURIComponent(body.text.replace(/\p{Cs}/gu, '\ufffd'))}`;
}
