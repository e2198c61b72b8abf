/** The position of a secret in a text. */
export type Span = {
  readonly start: number;
  readonly end: number;
  /** The name for its variable. */
  readonly wanted: string;
  /** How specific the name is, one of `RANKS`: of two names for a value, the one with the lower rank is used. */
  readonly rank: number;
  /** The value without the escapes that its context requires; absent if there are none. */
  readonly decoded?: string;
  /** A part that is a secret by itself, such as the password of Basic credentials. */
  readonly holds?: readonly string[];
};

/** Sources of variable names, the most specific first: `bearer_token` before `token`, `github_token` before `key`. */
export const RANKS = { scheme: 0, issuer: 1, name: 2, pattern: 3, cookie: 4, part: 5 } as const;

/** Sorts spans; of overlapping spans the one that begins first stays, of equal spans the one with the better name. */
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

/** Returns the text with each span replaced; spans must be in order and not overlap. */
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

/** The same spans in the text that contains this one. */
export function shifted(spans: readonly Span[], by: number): Span[] {
  return spans.map((span) => ({ ...span, start: span.start + by, end: span.end + by }));
}

/**
 * Whether a secret is already a variable to be filled in, left by the sender or by an earlier redaction.
 */
export function isVariable(value: string): boolean {
  return /^\s*\{\{[^{}]*\}\}\s*$/.test(value);
}

/** Whether a value contains a variable, alone or beside other text. */
function hasVariable(value: string): boolean {
  return /\{\{[^{}]+\}\}/.test(value);
}

/** Characters that join variables to each other and to other text; no secret begins or ends with them. */
const JOINT = /[\s_.:;,/|"'=&~-]/;

/** The name of a parameter of an authentication scheme (RFC 9110, 11.2), up to its value: `, token="`. */
const PARAMETER_NAME = /^[\s,;"']*[a-z][a-z_-]{0,19}=["']?$/i;

/**
 * Returns the literal parts of a secret that also contains variables: `{{prefix}}abc` is a variable and a secret.
 * Parameter names and joining characters are not secret.
 *
 * @returns the span itself if it is one variable or contains none
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

/** Returns where a value has text beside its variables that may be secret. */
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
