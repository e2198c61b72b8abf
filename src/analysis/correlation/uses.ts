import type { Header } from '../../exchange.ts';
import { contentTypeOf, languageOf } from '../../http/content-type.ts';
import { parseFormFields } from '../../http/forms.ts';
import { parseFormParts } from '../../http/multipart.ts';
import { parseTarget } from '../../http/target.ts';
import { type JsonPath, jsonLeaves, parseJson } from '../../json/leaves.ts';
import { isIdName, isOpaque, ownerInName, wordOf } from './identifying.ts';

/** The place of a value in a request. */
export type Place =
  /** The index of the segment: 0 for `/this/…`. */
  | { readonly in: 'path'; readonly index: number }
  | { readonly in: 'query'; readonly name: string }
  /** The value, the part after the scheme (`Bearer`), or one of several cookies. */
  | { readonly in: 'header'; readonly name: string }
  | { readonly in: 'json'; readonly path: JsonPath }
  /** A field of an urlencoded or multipart form. */
  | { readonly in: 'field'; readonly name: string };

/** A value in a request that an earlier response may have issued. */
export type Use = {
  readonly value: string;
  readonly place: Place;
  /** The kind of thing that the value identifies; only for values that are not opaque. */
  readonly owner?: string;
  /** The value is a part of a longer one, and only counts if no response issued the whole. */
  readonly within?: true;
};

export type Asked = {
  readonly url: string;
  readonly headers: readonly Header[];
  /** The body without content coding. */
  readonly body?: Buffer | undefined;
};

const LEAVES_LIMIT = 500;

/** The values in a request that an earlier response may have issued. */
export function usesIn({ url, headers, body }: Asked): Use[] {
  const { path, query = '' } = parseTarget(url);
  return [
    ...inPath(path),
    ...inQuery(query),
    ...headers.flatMap(inHeader),
    ...(body === undefined ? [] : inBody(body, headers)),
  ];
}

function inPath(path: string): Use[] {
  const segments = path.split('/').slice(1);
  return segments.flatMap((segment, index) => {
    const value = decoded(segment);
    const before = segments[index - 1];
    const place = { in: 'path', index } as const;
    const parts = inParts(segment, place);
    if (isOpaque(value)) return [{ value, place }, ...parts];
    return before && value !== '' ? [{ value, place, owner: wordOf(before) }, ...parts] : parts;
  });
}

/** The separators between the values within one segment or query parameter, encoded or not. */
const PUNCTUATION = /([.,;:!@|()']|%(?:2[1789C]|3[AB]|40|7C))/i;

/**
 * Splits a segment or a query value: `ord_8f14e45fce.pdf`, `a1,b2`, `Orders('8f14e45fce')`.
 *
 * @returns values at even indices, separators at odd ones; undecoded
 */
export function partsOf(text: string): string[] {
  return text.split(PUNCTUATION);
}

function inParts(text: string, place: Place): Use[] {
  const parts = partsOf(text);
  if (parts.length === 1) return [];
  const values = parts.filter((_, index) => index % 2 === 0).map(decoded);
  return values.filter(isOpaque).map((value) => ({ value, place, within: true }));
}

function inQuery(query: string): Use[] {
  return query.split('&').flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) return [];
    const name = decoded(pair.slice(0, equals));
    const text = pair.slice(equals + 1);
    const place = { in: 'query', name } as const;
    return [...named(name, decoded(text), place), ...inParts(text, place)];
  });
}

function named(name: string, value: string, place: Place, around = ''): Use[] {
  if (isOpaque(value)) return [{ value, place }];
  if (!isIdName(name) || value === '') return [];
  const owner = ownerInName(name) ?? wordOf(around);
  return owner === '' ? [] : [{ value, place, owner }];
}

/** Headers whose values the client generates, or that never carry issued values. */
const OWN_HEADERS =
  /^(?:host|user-agent|connection|referer|origin|date|x-requested-with|traceparent|tracestate)$|^(?::|accept|content-|sec-|proxy-)|request-?id$|idempotency/i;

function inHeader([name, value]: Header): Use[] {
  if (OWN_HEADERS.test(name)) return [];
  const place = { in: 'header', name } as const;
  const values =
    name.toLowerCase() === 'cookie'
      ? value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
      : [value.replace(/^[A-Za-z]+\s+/, '')];
  return values.filter(isTokenOrTag).map((found) => ({ value: found, place }));
}

/** An entity tag is kept with its quotes (RFC 9110, 8.8.3). */
function isTokenOrTag(value: string): boolean {
  return isOpaque(value.replace(/^(?:W\/)?"(.*)"$/, '$1'));
}

function inBody(body: Buffer, headers: readonly Header[]): Use[] {
  const type = contentTypeOf(headers);
  const essence = type?.essence ?? '';
  if (essence === 'application/x-www-form-urlencoded') {
    const fields = parseFormFields(body.toString('latin1')) ?? [];
    return fields.flatMap(([name, value]) => named(name, value, { in: 'field', name }));
  }
  if (essence === 'multipart/form-data') {
    const parts = parseFormParts(body, type?.parameters.get('boundary') ?? '') ?? [];
    return parts.flatMap(({ name, fileName, bytes }) =>
      fileName === undefined ? named(name, bytes.toString(), { in: 'field', name }) : [],
    );
  }
  return languageOf(essence) === 'json' ? inJson(body.toString()) : [];
}

function inJson(text: string): Use[] {
  return jsonLeaves(parseJson(text), LEAVES_LIMIT).flatMap(({ path, value }) => {
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const names = path.filter((step) => typeof step === 'string');
    return named(names.at(-1) ?? '', String(value), { in: 'json', path }, names.at(-2));
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
