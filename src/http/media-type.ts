/**
 * The kind of content of a message, judged by its media type or, without one, by the extension in
 * the URL. All rooms share this table; this file imports nothing.
 */

/** The words for kinds of content, as `--type` takes them. */
export const MEDIA_KINDS = [
  'json',
  'xml',
  'html',
  'form',
  'text',
  'image',
  'script',
  'css',
  'font',
  'media',
  'binary',
] as const;

export type MediaKind = (typeof MEDIA_KINDS)[number];

/** Static resources of a page, not its data: `--no-static` leaves these out. */
export const STATIC_KINDS: ReadonlySet<MediaKind> = new Set([
  'image',
  'script',
  'css',
  'font',
  'media',
]);

/** The essence of a Content-Type value in lower case, without parameters: `text/html`. */
export function mediaTypeOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

const KINDS: Readonly<Record<string, MediaKind>> = {
  'application/json': 'json',
  'application/x-ndjson': 'json',
  'application/json-seq': 'json',
  'text/json': 'json',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/xhtml+xml': 'html',
  'text/html': 'html',
  'application/x-www-form-urlencoded': 'form',
  'multipart/form-data': 'form',
  'image/svg+xml': 'image',
  'application/javascript': 'script',
  'application/ecmascript': 'script',
  'application/x-javascript': 'script',
  'text/javascript': 'script',
  'text/ecmascript': 'script',
  'application/wasm': 'script',
  'text/css': 'css',
  'application/font-woff': 'font',
  'application/font-woff2': 'font',
  'application/x-font-ttf': 'font',
  'application/x-font-woff': 'font',
  'application/vnd.ms-fontobject': 'font',
  'application/ogg': 'media',
  'application/vnd.apple.mpegurl': 'media',
  'application/x-mpegurl': 'media',
  'application/dash+xml': 'media',
  'application/yaml': 'text',
  'application/graphql': 'text',
};

const KINDS_BY_TOP_LEVEL: Readonly<Record<string, MediaKind>> = {
  text: 'text',
  image: 'image',
  font: 'font',
  audio: 'media',
  video: 'media',
};

/**
 * The kind of a media type as `mediaTypeOf` returns it. Structured syntax suffixes count
 * (RFC 6839: `application/problem+json` is json); unknown types are binary.
 */
export function kindOfMediaType(mediaType: string): MediaKind {
  const known = own(KINDS, mediaType);
  if (known !== undefined) return known;
  const topLevel = own(KINDS_BY_TOP_LEVEL, mediaType.slice(0, mediaType.indexOf('/')));
  if (topLevel !== undefined && topLevel !== 'text') return topLevel;
  if (mediaType.endsWith('+json')) return 'json';
  if (mediaType.endsWith('+xml')) return 'xml';
  return topLevel ?? 'binary';
}

const MEDIA_TYPES_BY_ENDING: Readonly<Record<string, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  htm: 'text/html',
  txt: 'text/plain',
  csv: 'text/csv',
  md: 'text/markdown',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  css: 'text/css',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
  bmp: 'image/bmp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  otf: 'font/otf',
  eot: 'application/vnd.ms-fontobject',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
};

/** The media type for the extension of a URL's path: `/logo.png?v=2` gives `image/png`. */
export function mediaTypeByEnding(url: string): string | undefined {
  const ending = /\.([A-Za-z0-9]{2,5})(?:[?#]|$)/.exec(pathPart(url))?.[1];
  return ending === undefined ? undefined : own(MEDIA_TYPES_BY_ENDING, ending.toLowerCase());
}

// Without the query and the authority, whose ending is not a file extension.
function pathPart(url: string): string {
  const authority = url.indexOf('://');
  const path = url.indexOf('/', authority < 0 ? 0 : authority + 3);
  if (path < 0) return '';
  const end = url.slice(path).search(/[?#]/);
  return end < 0 ? url.slice(path) : url.slice(path, path + end);
}

// A client can send `constructor`; it must not find Object's own.
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
