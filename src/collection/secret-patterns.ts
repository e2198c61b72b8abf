import { RANKS, type Span } from './spans.ts';
import type { Stems } from './stems.ts';

type Make = {
  readonly pattern: RegExp;
  readonly wanted: string;
  readonly rank: number;
  /** Of what the pattern has found, whether it is one. */
  readonly isOne?: (value: string) => boolean;
};

const mixed = (value: string) => /\d/.test(value) && /[a-z]/i.test(value);

// The lengths are lower than those of real ones, so that what was shortened is found too. `x{8}x*` is `x{8,}` that does
// not run out of memory in a text of some million characters.
const MAKES: readonly Make[] = [
  {
    // RFC 7519 and, with five parts, RFC 7516.
    pattern: /eyJ[\w-]{6}[\w-]*\.[\w-]{2}[\w-]*(?:\.[\w-]*){1,3}/y,
    wanted: 'jwt',
    rank: RANKS.pattern,
  },
  { pattern: /PMAK-[A-Za-z0-9-]{8}[A-Za-z0-9-]*/y, wanted: 'postman_api_key', rank: RANKS.issuer },
  { pattern: /gh[opusr]_[A-Za-z0-9]{8}[A-Za-z0-9]*/y, wanted: 'github_token', rank: RANKS.issuer },
  { pattern: /github_pat_\w{8}\w*/y, wanted: 'github_token', rank: RANKS.issuer },
  { pattern: /glpat-[\w-]{8}[\w-]*/y, wanted: 'gitlab_token', rank: RANKS.issuer, isOne: mixed },
  { pattern: /[sr]k_(?:live|test)_\w{6}\w*/y, wanted: 'secret_key', rank: RANKS.issuer },
  { pattern: /whsec_[\w+/=]{8}[\w+/=]*/y, wanted: 'webhook_secret', rank: RANKS.issuer },
  { pattern: /sk-[\w-]{12}[\w-]*/y, wanted: 'secret_key', rank: RANKS.issuer, isOne: mixed },
  { pattern: /xox[a-z]-[\w-]{8}[\w-]*/y, wanted: 'slack_token', rank: RANKS.issuer, isOne: mixed },
  { pattern: /A[KS]IA[0-9A-Z]{12}[0-9A-Z]*(?!\w)/y, wanted: 'aws_access_key', rank: RANKS.issuer },
  { pattern: /AIza[\w-]{20}[\w-]*/y, wanted: 'google_api_key', rank: RANKS.issuer },
];

/** Finds secrets that show by themselves what they are, in a text of any kind and in one reading. */
export function patternSpans(text: string, { makes, digits }: Stems): Span[] {
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
  if (text.startsWith('BEGIN ', at)) return privateKey(text, at - 5, endings);
  // Nothing that a name is made of may stand before it.
  if (at > 0 && /[A-Za-z0-9_-]/.test(text.charAt(at - 1))) return undefined;
  SCHEME.lastIndex = at;
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme !== undefined) return credentials(text, at, scheme.length);
  for (const { pattern, wanted, rank, isOne } of MAKES) {
    pattern.lastIndex = at;
    const value = pattern.exec(text)?.[0];
    if (value === undefined) continue;
    return isOne?.(value) === false
      ? undefined
      : { start: at, end: at + value.length, wanted, rank };
  }
  return undefined;
}

const SCHEME = /(?:bearer|basic)[ +]/iy;
const TOKEN68 = /[\w.~+/-]+=*/y;

/** `Bearer x` and `Basic x` (RFC 6750, 2.1; RFC 7617, 2) where they stand in a text; the scheme stays legible. */
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

/** Credentials of the Basic scheme hold a colon and nothing that cannot be typed. */
function isBasic(value: string): boolean {
  if (value.length < 6 || value.length > 4096) return false;
  const decoded = Buffer.from(value, 'base64').toString('latin1');
  return decoded.includes(':') && !/[\x00-\x1f\x7f]/.test(decoded);
}

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_BODY = /[A-Za-z0-9+/=\s\\:,.()-]*/y;
const PEM_DATA = /[A-Za-z0-9+/=\s\\]*/y;

/** Remembers what it has found, so that many beginnings of keys without an end cost one reading. */
class PemEndings {
  readonly #text: string;
  #noneFrom = Number.POSITIVE_INFINITY;
  #bodyEnd = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the last line of the key ends whose first line ends here; undefined when it is not in this text. */
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

/** RFC 7468: a private key from its first line to its last; of one that was cut off, what there is. */
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

/** Payment card numbers: those of the networks that there are, by their first digits and lengths, that pass Luhn. */
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
