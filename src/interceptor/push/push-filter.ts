import { kindOfMediaType, mediaTypeByEnding, mediaTypeOf } from '../../http/media-type.ts';
import type { HarEntry } from '../../sync/wire/page-events.ts';
import type { PushFilters } from '../../sync/wire/protocol.ts';

/**
 * Compiles the filters of the client ("Receive only these" in its page) into a test of entries.
 *
 * @throws Error with a sentence for filters that the extension does not know: patterns of URLs must be regular expressions
 */
export function compilePushFilter(filters: PushFilters): (entry: HarEntry) => boolean {
  const url = (filters.url ?? []).map(patternOf);
  const notUrl = (filters.notUrl ?? []).map(patternOf);
  const methods = new Set((filters.methods ?? []).map((method) => method.toUpperCase()));
  const ranges = (filters.status ?? []).map(rangeOf);
  const kinds = new Set(filters.kinds ?? []);
  const isIn = (status: number) => ranges.some(([from, to]) => from <= status && status <= to);
  return ({ request, response }) =>
    (url.length === 0 || url.some((pattern) => pattern.test(request.url))) &&
    !notUrl.some((pattern) => pattern.test(request.url)) &&
    (methods.size === 0 || methods.has(request.method.toUpperCase())) &&
    (ranges.length === 0 || isIn(response.status)) &&
    (kinds.size === 0 || typesOf(request.url, response).some((type) => kinds.has(type)));
}

function patternOf(text: string): RegExp {
  const [, source, flags] = /^\/(.+)\/([gimsuv]*)$/.exec(text) ?? [];
  if (source === undefined) throw new Error(`The pattern ${text} is not a regular expression.`);
  // `g` would make the expression keep state between tests.
  return new RegExp(source, flags?.replace('g', ''));
}

function rangeOf(text: string): readonly [from: number, to: number] {
  const [, hundreds] = /^([1-5])xx$/i.exec(text) ?? [];
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99];
  const [, from, to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  if (from === undefined) throw new Error(`${text} is not a status.`);
  return [Number(from), Number(to)];
}

/** The media type and the kind of a response: what its header says, or without one its URL. */
function typesOf(url: string, { status, content }: HarEntry['response']): string[] {
  if (status === 0) return [];
  const told = content.mimeType === 'x-unknown' ? '' : mediaTypeOf(content.mimeType);
  const type = told === '' ? mediaTypeByEnding(url) : told;
  return type === undefined ? [] : [type, kindOfMediaType(type)];
}
