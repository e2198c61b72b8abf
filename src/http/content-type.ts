import { type Header, headerValue } from '../exchange.ts';
import { kindOfMediaType } from './media-type.ts';
import { remembering } from './memo.ts';

/** A parsed `Content-Type`: the essence in lower case, parameter names in lower case, values as sent. */
export type ContentType = {
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
};

/** The kind of a body for its reader. */
export type Language = 'json' | 'xml' | 'html' | 'javascript' | 'text';

/** The rest of a longer value is ignored. A regular expression has memory for some million steps. */
const LONGEST = 64 * 1024;

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;

/** Parses a `Content-Type` value (RFC 9110, 8.3.1); malformed parts are skipped. */
export function parseContentType(given: string): ContentType {
  const value = given.slice(0, LONGEST);
  const end = value.indexOf(';');
  const essence = (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  if (end < 0) return { essence, parameters };
  for (const [, name = '', quoted, token = ''] of value.slice(end).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    const text = quoted === undefined ? token.trim() : quoted.replace(/\\(.)/g, '$1');
    if (!parameters.has(key)) parameters.set(key, text);
  }
  return { essence, parameters };
}

/** The media type in a message's headers, if any. */
export function contentTypeOf(headers: readonly Header[]): ContentType | undefined {
  const value = headerValue(headers, 'content-type');
  return value === undefined ? undefined : parsed(value);
}

const parsed = remembering(parseContentType);

/** The language for showing and editing a text of this type. */
export const languageOf = remembering((essence): Language => {
  const kind = kindOfMediaType(essence);
  if (kind === 'json' || kind === 'html') return kind;
  if (kind === 'xml' || essence.endsWith('+xml')) return 'xml';
  return kind === 'script' && essence !== 'application/wasm' ? 'javascript' : 'text';
});

const KNOWN_BINARY =
  /^application\/(zip|gzip|x-gzip|x-tar|pdf|wasm|.*protobuf|grpc.*|.*msgpack|cbor|vnd\.ms-.*|vnd\.openxmlformats-.*)$/;

/** Whether a media type's name means text or binary, or `unknown` if the bytes must decide. */
export const textuality = remembering((essence): 'text' | 'binary' | 'unknown' => {
  if (KNOWN_BINARY.test(essence)) return 'binary';
  if (languageOf(essence) !== 'text') return 'text';
  const kind = kindOfMediaType(essence);
  if (kind === 'image' || kind === 'font' || kind === 'media') {
    return essence.endsWith('mpegurl') ? 'text' : 'binary';
  }
  return kind === 'binary' || essence.startsWith('multipart/') ? 'unknown' : 'text';
});
