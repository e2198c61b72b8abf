/** The kinds of segments, recognised by form alone, worded for use in a sentence. Words have no kind. */
const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  [
    'a date',
    /^\d{4}-(?:(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T[\d:.%A-Z+-]*)?)?|W[0-5]\d)$/,
  ],
  ['a secret', /^\{\{\w+\}\}$/], // as redaction leaves it
  ['a number', /^[+-]?\d+$/],
  ['a number', /^\d+(?:-\d+)+$/],
  ['a UUID', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  // Crockford's base 32, in capitals; the first digit holds three bits.
  ['a ULID', /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/],
  ['a hexadecimal id', /^[0-9a-f]{16,}$/i],
  ['a cuid', /^c[0-9a-z]{24}$/],
  // The next part is not a word, nor a word with a year after it.
  ['an id', /^[a-z]{2,8}_(?![A-Za-z]+\d{0,4}$)[0-9A-Za-z]{8,}$/],
  ['a token', /^eyJ[\w-]{6,}\.[\w-]{2,}(?:\.[\w-]*){1,3}$/], // a JWT
  ['an id', /^[A-Z][A-Z0-9]{0,9}-\d+$/], // ABC-123
  ['an id', /^[A-Z]{1,10}\d{2,}$/], // Q42
  ['an id', /^[A-Za-z]{1,3}\d{5,}$/], // tt0111161
  ['a hexadecimal id', /^0x[0-9a-f]{6,}$/i],
  ['numbers', /^-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?)+$/],
  ['an address', /^\d{1,3}(?:\.\d{1,3}){3}$/],
  ['an address', /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){3,}$/i],
  ['an address', /^(?:[^@/%]|%(?!40))+(?:@|%40)(?:[^@/%]|%(?!40))+\.[a-z]{2,}$/i],
];

/** Longer segments are not identifiers. A regular expression has memory for some million steps. */
const LONGEST = 64 * 1024;

/**
 * Returns the kind of identifier that a path segment is: a number, a UUID, a date and so on.
 *
 * @param segment undecoded
 * @param before the segment before it
 * @returns undefined for a word and for a version
 */
export function kindOfSegment(segment: string, before: string | undefined): string | undefined {
  if (segment.length > LONGEST || isVersion(segment, before)) return undefined;
  return kindOfText(segment) ?? (isPrefixed(segment) || looksRandom(segment) ? 'an id' : undefined);
}

/** The kind of a text by its form: a number, a UUID, a date and so on. Text that only looks random does not count. */
export function kindOfText(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0];
}

const VERSION = /^v\d+(?:[._]\d+)*(?:[a-z]+\d*)?$/i;
const API_ROOTS = new Set(['api', 'apis', 'rest', 'v', 'version']);

/** `v1` and the like, and a small number or a date at the root of an API (`/rest/api/2`, `/api/2024-01-31`). */
export function isVersion(segment: string, before?: string): boolean {
  if (segment.length > LONGEST) return false;
  if (VERSION.test(segment)) return true;
  const isRoot = before !== undefined && API_ROOTS.has(before.toLowerCase());
  return isRoot && /^(?:\d{1,2}(?:\.\d+)*|\d{4}-\d\d(?:-\d\d)?)$/.test(segment);
}

/** `ch_3MmlLr`, `user-1042`: a short word followed by an id. */
function isPrefixed(segment: string): boolean {
  // A slug with the number of the thing it names.
  if (/[A-Za-z][_-](?!(?:19|20)\d\d$)\d{4,}$/.test(segment)) return true;
  const [, tail = ''] = /^[a-z]{1,12}(?:_[a-z]{1,8})?[_-]([A-Za-z0-9]+)$/.exec(segment) ?? [];
  // A slug that ends in a year is a slug.
  if (/^\d{3,}$/.test(tail)) return !/^(?:19|20)\d\d$/.test(tail);
  const mixed = /\d/.test(tail) && /[A-Za-z]/.test(tail);
  return mixed && tail.length >= 6 && !/^[a-z]+\d{1,4}$/i.test(tail);
}

const RANDOM_TOKEN_LENGTH = 8;

/** A segment of 10 or more characters with a token of 8 or more that has letters and several groups of digits. */
function looksRandom(segment: string): boolean {
  if (segment.length < 10 || !/^[\w~-]+$/.test(segment)) return false;
  return segment
    .split(/[-_~]/)
    .some(
      (token) =>
        token.length >= RANDOM_TOKEN_LENGTH &&
        /[A-Za-z]/.test(token) &&
        (token.match(/\d+/g) ?? []).length >= 2,
    );
}
