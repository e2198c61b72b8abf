/** A place in a text where a secret stands. */
export type Span = {
  readonly start: number;
  readonly end: number;
  /** What a variable for it would be called. */
  readonly wanted: string;
  /** How well that says what it is, one of `RANKS`: of two names for a value the one of the lower rank is taken. */
  readonly rank: number;
  /** The value without the escapes that its place asks for; absent where there are none. */
  readonly decoded?: string;
  /** What is in it that is a secret by itself, such as the password of Basic credentials. */
  readonly holds?: readonly string[];
};

/** What names a variable, the most telling first: `bearer_token` says more than `token`, `github_token` more than `key`. */
export const RANKS = { scheme: 0, issuer: 1, name: 2, pattern: 3, cookie: 4, part: 5 } as const;

/** Puts spans in order; of those that overlap the one that begins first stays, of equal ones the better named. */
export function inOrder(spans: Span[]): Span[] {
  if (spans.length < 2) return spans;
  spans.sort((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank);
  let end = 0;
  return spans.filter((span) => {
    if (span.start < end) return false;
    end = span.end;
    return true;
  });
}

/** The text with each of the spans replaced; spans are in order and do not overlap. */
export function replaceSpans(
  text: string,
  spans: readonly Span[],
  variable: (value: string, span: Span) => string,
): string {
  if (spans.length === 0) return text;
  let written = '';
  let at = 0;
  for (const span of spans) {
    written += text.slice(at, span.start) + variable(text.slice(span.start, span.end), span);
    at = span.end;
  }
  return written + text.slice(at);
}

/** The same spans in a text that this one was cut out of. */
export function shifted(spans: readonly Span[], by: number): Span[] {
  return spans.map((span) => ({ ...span, start: span.start + by, end: span.end + by }));
}

/**
 * Whether what stands in a secret's place is a variable already: whoever sent it, or redacted it before, left it there
 * to be filled in.
 */
export function isVariable(value: string): boolean {
  return /^\s*\{\{[^{}]*\}\}\s*$/.test(value);
}

/** Whether a variable stands in a value, alone or beside other text. */
function hasVariable(value: string): boolean {
  return /\{\{[^{}]+\}\}/.test(value);
}

/** What joins variables to each other and to what is beside them; no secret begins or ends with it. */
const JOINT = /[\s_.:;,/|"'=&~-]/;

/** The name of a parameter of an authentication scheme (RFC 9110, 11.2), up to its value: `, token="`. */
const PARAMETER_NAME = /^[\s,;"']*[a-z][a-z_-]{0,19}=["']?$/i;

/**
 * The literal parts of a secret in which variables stand as well: `{{prefix}}abc` is a variable and a secret. Names of
 * parameters and what only joins is none.
 *
 * @returns the span itself where it is one variable, or holds none
 */
export function literalSpans(text: string, span: Span): Span[] {
  const value = text.slice(span.start, span.end);
  if (!hasVariable(value) || isVariable(value)) return [span];
  const parts = literalParts(value);
  const decoded = span.decoded === undefined ? [] : literalParts(span.decoded);
  const { wanted, rank, holds } = span;
  const held = holds?.filter((one) => !hasVariable(one));
  return parts.map(({ start, end }, index) => {
    const inDecoded = decoded.length === parts.length ? decoded[index] : undefined;
    return {
      start: span.start + start,
      end: span.start + end,
      wanted,
      rank,
      ...(inDecoded && { decoded: span.decoded?.slice(inDecoded.start, inDecoded.end) ?? '' }),
      ...(held && index === 0 ? { holds: held } : {}),
    };
  });
}

/** Where there is something beside the variables of a value that may be secret. */
export function literalParts(value: string): { readonly start: number; readonly end: number }[] {
  let at = 0;
  return value.split(/(\{\{[^{}]+\}\})/).flatMap((part, index, all) => {
    const from = at;
    at += part.length;
    if (index % 2 === 1 || !/[\p{L}\p{N}]/u.test(part)) return [];
    if (index < all.length - 1 && PARAMETER_NAME.test(part)) return [];
    let start = from;
    let end = at;
    while (index > 0 && JOINT.test(value.charAt(start))) start += 1;
    const closing = index < all.length - 1 ? JOINT : /["']/;
    while (end > start && closing.test(value.charAt(end - 1))) end -= 1;
    return [{ start, end }];
  });
}
