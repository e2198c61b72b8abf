import { type Header, headerValues } from '../../exchange.ts';
import { contentTypeOf, languageOf } from '../../http/content-type.ts';
import { type JsonPath, jsonLeaves, parseJson } from '../../json/leaves.ts';
import { isIdName, isOpaque, ownerInName, wordOf } from './identifying.ts';

/** The place of a value in a response, from which a script can read it. */
export type Source =
  | { readonly in: 'json'; readonly path: JsonPath }
  | { readonly in: 'header'; readonly name: string }
  /** The last segment of the path in `Location`. */
  | { readonly in: 'location' }
  | { readonly in: 'cookie'; readonly name: string }
  /** The value of a form's field, or the content of a `meta` element, in HTML. */
  | { readonly in: 'input' | 'meta'; readonly name: string };

/** A value that a response issued and a later request may use. */
export type IssuedValue = {
  readonly value: string;
  readonly source: Source;
  /** The kinds of things that it may identify, if the value alone is not enough. */
  readonly owners?: readonly string[];
  /** The wanted name of a variable for it. */
  readonly name: string;
};

export type Answered = {
  /** The path of the request, undecoded. */
  readonly path: string;
  readonly headers: readonly Header[];
  /** The body as text, without content codings, if it is text. */
  readonly text?: string | undefined;
};

/** A response may list everything; the values that clients use are near the top. */
const LEAVES_LIMIT = 2000;

/** The values in a response that a later request may use. */
export function issuedValuesIn({ path, headers, text }: Answered): IssuedValue[] {
  const language = languageOf(contentTypeOf(headers)?.essence ?? '');
  const resource = resourceOf(path);
  return [
    ...(text !== undefined && language === 'json' ? inJson(text, resource) : []),
    ...(text !== undefined && language === 'html' ? inHtml(text) : []),
    ...inHeaders(headers, resource),
    ...inCookies(headers),
  ];
}

/** The subject of a path: the word of its last segment that is not an id. */
function resourceOf(path: string): string {
  const segments = path.split('/').filter((segment) => /^[a-z][a-z_-]*$/i.test(segment));
  return wordOf(segments.at(-1) ?? '');
}

function inJson(text: string, resource: string): IssuedValue[] {
  return jsonLeaves(parseJson(text), LEAVES_LIMIT).flatMap(({ path, value }) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text === '') return [];
    const key = path.findLast((step) => typeof step === 'string') ?? '';
    const source: Source = { in: 'json', path };
    const owner = ownerInName(key);
    const around = path.slice(0, -1).findLast((step) => typeof step === 'string');
    const owners = owner === undefined ? [wordOf(around ?? ''), resource] : [owner];
    const name = owner === undefined && isIdName(key) ? `${idOwner(owners)}_id` : key;
    if (isOpaque(text)) return [{ value: text, source, name }];
    if (!isIdName(key) || text.length > 64) return [];
    return [{ value: text, source, owners: owners.filter((word) => word !== ''), name }];
  });
}

/** Generic names of lists, which do not describe the elements, such as `items` or `data`. */
const NO_OWNERS = new Set(['', 'item', 'data', 'result', 'content', 'node', 'edge', 'record']);

function idOwner(owners: readonly string[]): string {
  return owners.find((word) => !NO_OWNERS.has(word)) ?? 'item';
}

const HTML_TAG = /<(input|meta)\b([^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*)>/gi;
const HTML_ATTRIBUTE = /(?<![\w:-])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;

function inHtml(text: string): IssuedValue[] {
  const issued: IssuedValue[] = [];
  for (const [, tag = '', rest = ''] of text.matchAll(HTML_TAG)) {
    const attributes = new Map(
      [...rest.matchAll(HTML_ATTRIBUTE)].map(([, key = '', a, b, c]) => [
        key.toLowerCase(),
        a ?? b ?? c ?? '',
      ]),
    );
    const name = attributes.get('name');
    const where = tag.toLowerCase() === 'input' ? 'input' : 'meta';
    const value = attributes.get(where === 'input' ? 'value' : 'content');
    // Escaped text (&amp;) is not a token.
    if (name === undefined || value === undefined || !isOpaque(value)) continue;
    issued.push({ value, source: { in: where, name }, name });
  }
  return issued;
}

/** Headers that differ with each response and that clients do not send back. */
const NEVER_SENT_BACK =
  /^(?:date|set-cookie2?|location|report-to|nel|alt-svc|server|via|strict-transport-security|age)$|^(?:content-|cf-|x-amz-|x-cache)|request-?id$|trace|correlation/i;

function inHeaders(headers: readonly Header[], resource: string): IssuedValue[] {
  const sent = headers
    .filter(([name, value]) => !NEVER_SENT_BACK.test(name) && isOpaque(unquoted(value)))
    .map(([name, value]) => ({ value, source: { in: 'header', name } as const, name }));
  const [location = ''] = headerValues(headers, 'location');
  const [last = '', before = ''] = location
    .replace(/[?#].*$/s, '')
    .split('/')
    .reverse();
  if (last === '' || before === '') return sent;
  const owner = wordOf(before) || resource;
  const issuedValue = { value: last, source: { in: 'location' } as const, name: `${owner}_id` };
  if (isOpaque(last)) return [...sent, issuedValue];
  return /^\d+$/.test(last) ? [...sent, { ...issuedValue, owners: [owner] }] : sent;
}

function unquoted(value: string): string {
  return value.replace(/^(?:W\/)?"(.*)"$/, '$1');
}

function inCookies(headers: readonly Header[]): IssuedValue[] {
  return headerValues(headers, 'set-cookie').flatMap((line) => {
    const [, name = '', value = ''] = /^\s*([^\s=;][^=;]*)=([^;]*)/.exec(line) ?? [];
    return isOpaque(value) ? [{ value, source: { in: 'cookie', name } as const, name }] : [];
  });
}
