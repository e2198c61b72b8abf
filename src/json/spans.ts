/** The range of a value in a JSON text: from its first character to the one after its last. */
export type Span = { readonly start: number; readonly end: number };

/** A member of an object; if two have the same name, the last counts, as in JSON.parse. */
export type MemberSpan = { readonly name: string; readonly key: Span; readonly value: Span };

/**
 * Finds the range of the value that begins at or after `at`.
 *
 * @param text valid JSON (RFC 8259) that JSON.parse accepts
 */
export function valueSpan(text: string, at = 0): Span {
  const start = skipSpace(text, at);
  return { start, end: valueEnd(text, start) };
}

/** The range of the value that is the whole text, white space apart: as `valueSpan`, without reading the text. */
export function wholeSpan(text: string, at = 0): Span {
  return { start: skipSpace(text, at), end: text.trimEnd().length };
}

/** The elements of the array at `array`. */
export function elementSpans(text: string, array: Span): Span[] {
  const spans: Span[] = [];
  let at = skipSpace(text, array.start + 1);
  while (at < array.end - 1) {
    const span = valueSpan(text, at);
    spans.push(span);
    at = skipSpace(text, skipSpace(text, span.end) + 1);
  }
  return spans;
}

/** The members of the object at `object`, in order. */
export function memberSpans(text: string, object: Span): MemberSpan[] {
  const spans: MemberSpan[] = [];
  let at = skipSpace(text, object.start + 1);
  while (at < object.end - 1) {
    const key = valueSpan(text, at);
    const value = valueSpan(text, skipSpace(text, key.end) + 1);
    spans.push({ name: JSON.parse(text.slice(key.start, key.end)), key, value });
    at = skipSpace(text, skipSpace(text, value.end) + 1);
  }
  return spans;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /[^,\]}\s]*/y;
const STRUCTURE = /["[\]{}]/g;

function valueEnd(text: string, start: number): number {
  switch (text[start]) {
    case '"':
      return stringEnd(text, start);
    case '{':
    case '[':
      return containerEnd(text, start);
    default:
      SCALAR.lastIndex = start;
      SCALAR.test(text);
      return SCALAR.lastIndex;
  }
}

function containerEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    STRUCTURE.lastIndex = at;
    if (!STRUCTURE.test(text)) return text.length;
    at = STRUCTURE.lastIndex;
    const found = text[at - 1];
    if (found === '"') at = stringEnd(text, at - 1);
    else depth += found === '{' || found === '[' ? 1 : -1;
  } while (depth > 0);
  return at;
}

function stringEnd(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
  } while (isEscaped(text, end));
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
