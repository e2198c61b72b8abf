import { RANKS, type Span } from '../spans.ts';
import { escapeBefore, isNamePart } from './name-ends.ts';
import type { Candidates } from './prefilter.ts';
import { PEM_LABEL, TEXT_SCHEMES, TOKEN_FORMATS, type TokenFormat } from './token-formats.ts';

/** The formats by the first three characters of their beginnings. */
const FORMATS = new Map<string, { readonly begin: string; readonly format: TokenFormat }[]>();
for (const format of TOKEN_FORMATS) {
  for (const begin of format.begins) {
    const stem = begin.slice(0, 3);
    FORMATS.set(stem, [...(FORMATS.get(stem) ?? []), { begin, format }]);
  }
}

/** Finds secrets of recognizable formats in any text, in one pass. */
export function patternSpans(text: string, { makes, digits }: Candidates): Span[] {
  const spans: Span[] = [];
  const endings = new PemEndings(text);
  let next = 0;
  for (const at of makes) {
    if (at < next) continue;
    const span = makeAt(text, at, endings);
    if (span === undefined) continue;
    spans.push(span);
    next = span.end;
  }
  for (const start of digits) {
    const span = cardNumber(text, start);
    if (span !== undefined) spans.push(span);
  }
  return spans;
}

function makeAt(text: string, at: number, endings: PemEndings): Span | undefined {
  if (text.startsWith(PEM_LABEL, at)) return privateKey(text, at - 5, endings);
  const isSlash = text.charAt(at) === '/' || isEncodedSlash(text, at);
  if (!isSlash) {
    // No character of a name may precede it.
    const isInside = at > 0 && isNamePart(text.charCodeAt(at - 1));
    if (isInside && escapeBefore(text, at) === 0) return undefined;
    SCHEME.lastIndex = at;
    const scheme = SCHEME.exec(text)?.[0];
    if (scheme !== undefined) return credentials(text, at, scheme.length);
  }
  const stem = isSlash ? `/${text.slice(at + 1, at + 3)}` : text.slice(at, at + 3);
  for (const { begin, format } of FORMATS.get(stem) ?? []) {
    if (!text.startsWith(begin.slice(1), at + 1)) continue;
    const span = formatSpan(text, at, begin.length, format);
    if (span) return span;
  }
  return undefined;
}

/** Whether the last character of `%2F`, whose `%` may be encoded as well, is at this position. */
function isEncodedSlash(text: string, at: number): boolean {
  return /f/i.test(text.charAt(at)) && /%(?:25){0,3}2$/.test(text.slice(Math.max(0, at - 8), at));
}

function formatSpan(
  text: string,
  at: number,
  length: number,
  { keeps, value, wanted, rank, isOne }: TokenFormat,
): Span | undefined {
  for (const kept of keeps ?? ['']) {
    const from = endOfPath(kept, text, at + length);
    const end = from < 0 ? -1 : endOf(value, text, from);
    const start = keeps === undefined ? at : from;
    if (end >= 0 && isOne?.(text.slice(start, end)) !== false) return { start, end, wanted, rank };
  }
  return undefined;
}

/** A `/` may be escaped, as PHP does in JSON, or percent-encoded once or more. */
const SLASH = /\\{0,7}\/|%(?:25){0,3}2F/iy;
const COLON = /:|%(?:25){0,3}3A/iy;
const SEGMENT = /[\w.-]*/y;
const DIGITS = /\d+/y;
const CAPITALS = /[A-Z0-9]+/y;

/**
 * Returns the end of the path that begins here, or -1 if there is another path.
 *
 * @param path as in `keeps` of a format
 */
function endOfPath(path: string, text: string, start: number): number {
  let end = start;
  for (const part of path.split(/([/:*+#])/)) {
    if (part === '/') end = endOf(SLASH, text, end);
    else if (part === ':') end = endOf(COLON, text, end);
    else if (part === '*') end = endOf(SEGMENT, text, end);
    else if (part === '+') end = endOf(CAPITALS, text, end);
    else if (part === '#') end = endOf(DIGITS, text, end);
    else end = text.startsWith(part, end) ? end + part.length : -1;
    if (end < 0) return -1;
  }
  return end;
}

const SCHEME = new RegExp(`(?:${TEXT_SCHEMES.join('|')})[ +]`, 'iy');
const TOKEN68 = /[\w.~+/-]+=*/y;

/** `Bearer x` and `Basic x` (RFC 6750, 2.1; RFC 7617, 2) in a text; the scheme stays legible. */
function credentials(text: string, start: number, schemeLength: number): Span | undefined {
  const from = start + schemeLength;
  TOKEN68.lastIndex = from;
  const value = TOKEN68.exec(text)?.[0] ?? '';
  const end = from + value.length;
  const isBearer = /^bearer/i.test(text.slice(start, from));
  if (isBearer) {
    // `Bearer realm="x"` is a challenge, `bearer authentication` is prose.
    if (text.charAt(end) === '"' && /^[a-z_]+=$/.test(value)) return undefined;
    if (value.length < 8 || !(/\d/.test(value) || value.length >= 24)) return undefined;
    return { start: from, end, wanted: 'bearer_token', rank: RANKS.scheme };
  }
  return isBasic(value)
    ? { start: from, end, wanted: 'basic_auth', rank: RANKS.scheme }
    : undefined;
}

/** Credentials of the Basic scheme contain a colon and only characters that can be typed. */
function isBasic(value: string): boolean {
  if (value.length < 6 || value.length > 4096) return false;
  const decoded = Buffer.from(value, 'base64').toString('latin1');
  return decoded.includes(':') && !/[\x00-\x1f\x7f]/.test(decoded);
}

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_BODY = /[A-Za-z0-9+/=\s\\:,.()-]*/y;
const PEM_DATA = /[A-Za-z0-9+/=\s\\]*/y;

/** Caches its results, so that many beginnings of keys without an end cost one pass. */
class PemEndings {
  readonly #text: string;
  #noneFrom = Number.POSITIVE_INFINITY;
  #bodyEnd = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns where the key whose first line ends here ends; undefined if its last line is not in this text. */
  after(start: number): number | undefined {
    if (start >= this.#noneFrom) return undefined;
    const tail = this.#text.indexOf('-----END ', start);
    if (tail < 0) {
      this.#noneFrom = start;
      return undefined;
    }
    if (this.#bodyEnd < start) this.#bodyEnd = endOf(PEM_BODY, this.#text, start);
    return this.#bodyEnd < tail ? undefined : endOf(PEM_END, this.#text, tail);
  }
}

function endOf(sticky: RegExp, text: string, start: number): number {
  sticky.lastIndex = start;
  return sticky.exec(text) === null ? -1 : sticky.lastIndex;
}

/** Private keys from the first line to the last (RFC 7468); a truncated key up to the end of the text. */
function privateKey(text: string, start: number, endings: PemEndings): Span | undefined {
  const from = start < 0 ? -1 : endOf(PEM_BEGIN, text, start);
  if (from < 0) return undefined;
  const end = endings.after(from) ?? -1;
  return {
    start,
    end: end < 0 ? endOf(PEM_DATA, text, from) : end,
    wanted: 'private_key',
    rank: RANKS.issuer,
  };
}

const CARD = /(?<![\w./#-])\d(?:[ -]?\d){12,18}(?![\w-]|[.]\d)/y;

/** Payment card numbers: the first digits and the length match a known network, and the Luhn check passes. */
const NETWORKS =
  /^(?:4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17})$/;

function cardNumber(text: string, start: number): Span | undefined {
  CARD.lastIndex = start;
  const value = CARD.exec(text)?.[0];
  if (value === undefined) return undefined;
  const isGrouped = /^\d+$|^\d{4}([ -])\d{4,6}\1\d{4,5}(?:\1\d{1,4}){0,2}$/.test(value);
  const digits = value.replace(/[ -]/g, '');
  if (!isGrouped || !NETWORKS.test(digits) || !passesLuhn(digits)) return undefined;
  return { start, end: start + value.length, wanted: 'card_number', rank: RANKS.issuer };
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const weighted = at % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
