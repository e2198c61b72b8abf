/** How a value is written in a text, which determines how strictly it is judged. */
type ValueForm =
  /** In quotes, in an element, or an attribute. */
  | 'quoted'
  /** A JSON number. */
  | 'number'
  /** A number under a name without quotes: in a GraphQL query, in a program. */
  | 'argument'
  /** `&name=value` */
  | 'query'
  /** `name=value` or `name: value` in prose, in a program or in a file of settings. */
  | 'bare';

export type PlacedValue = {
  readonly start: number;
  readonly text: string;
  /** Without escapes, where there are any. */
  readonly decoded?: string;
  readonly form: ValueForm;
};

/** The position of a name. */
export type Place = { readonly start: number; readonly end: number };

/** The maximum length of white space between a name and its value. */
const GAP = 64;

/**
 * Finds the ends of values from their beginnings. It caches the last end, so that many beginnings with one end cost one
 * pass.
 */
export type ValueReader = {
  string(start: number, quote: string): { end: number; closed: boolean };
  /** Where a value without quotes ends. */
  bare(start: number): number;
  /** Whether a value of this length can be read once more. */
  affords(length: number): boolean;
};

/**
 * Values may be nested, and each is read. This limits how often a text is read in total, except for short values; only a
 * malicious text comes near the limit.
 */
const READINGS = 16;
const SHORT = 1024;

/** Reads values of one text. */
export function valueReader(text: string): ValueReader {
  let budget = READINGS * text.length + SHORT;
  return {
    string: stringReader(text),
    bare: bareReader(text),
    affords(length) {
      if (length <= SHORT) return true;
      budget -= length;
      return budget >= 0;
    },
  };
}

function bareReader(text: string): ValueReader['bare'] {
  let from = 0;
  let end = -1;
  return (start) => {
    if (start >= from && start <= end) return end;
    BARE.lastIndex = start;
    BARE.test(text);
    from = start;
    end = BARE.lastIndex;
    return end;
  };
}

function stringReader(text: string): ValueReader['string'] {
  let from = -1;
  let last = { end: -1, closed: false };
  let lastQuote = '';
  return (start, quote) => {
    if (quote === lastQuote && start >= from && start <= last.end) return last;
    last = endOfString(text, start, quote);
    from = start;
    lastQuote = quote;
    return last;
  };
}

/** @param quote including the backslashes before it, as in a string inside a string */
function endOfString(text: string, start: number, quote: string): { end: number; closed: boolean } {
  const level = quote.length - 1;
  const character = quote.charAt(level);
  for (let at = text.indexOf(character, start); at >= 0; at = text.indexOf(character, at + 1)) {
    const slashes = slashesBefore(text, at, start);
    // The same number of backslashes ends the string; fewer end the enclosing one.
    if (level === 0 ? slashes % 2 === 0 : slashes <= level) {
      return { end: at - (level === 0 ? 0 : slashes), closed: true };
    }
  }
  return { end: text.length, closed: false };
}

function slashesBefore(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && text.charCodeAt(start - 1) === 0x5c) start -= 1;
  return at - start;
}

/** The values of the name at this position: none, one, or those of an array. */
export function valuesAfter(text: string, { start, end }: Place, read: ValueReader): PlacedValue[] {
  const closing = closingQuote(text, end);
  let at = skipSpace(text, closing);
  const separator = text.charAt(at);
  if (separator === '%' && at === end) return encodedValue(text, at, read);
  if (separator === ',' && closing > end && isCall(text, start))
    return quotedArgument(text, at + 1, read);
  if (separator !== ':' && separator !== '=') return [];
  const isSpaced = at > closing;
  at += text.startsWith('=>', at) ? 2 : 1;
  const from = skipSpace(text, at);
  const quote = /^(?:\\{0,7}["'`])/.exec(text.slice(from, from + 8))?.[0];
  if (quote !== undefined) return quotedValue(text, from + quote.length, quote, read);
  if (text.charAt(from) === '[' && separator === ':') return arrayValues(text, from + 1, read);
  if (separator === '=') {
    const before = text.charAt(start - 1);
    const isQuery = /[?&;#]/.test(before) && closing === end;
    const stop = read.bare(from);
    if (!read.affords(stop - from)) return [];
    if ((isSpaced || from > at) && !isSetting(text, from, stop)) return [];
    return bareValue(text, from, stop, isQuery ? 'query' : 'bare');
  }
  const number = /^-?\d[\d.eE+-]{0,40}/.exec(text.slice(from, from + 42))?.[0];
  const isQuoted = closing > end;
  if (
    number !== undefined &&
    (isQuoted || /^\s{0,16}[,)}]/.test(text.slice(from + number.length, from + number.length + 17)))
  ) {
    return [{ start: from, text: number, form: isQuoted ? 'number' : 'argument' }];
  }
  return isQuoted ? [] : lineValue(text, start, from);
}

/**
 * Whether `name = value` is a setting, as in a credentials file: one long word without a dot. In programs, a semicolon
 * ends the statement, and more follows a name.
 */
function isSetting(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  return SETTING.test(value) && /^(?:[\s"'\\<]|$)/.test(text.charAt(end));
}

const SETTING = /^(?=[^a-zA-Z]{0,60}[a-zA-Z])(?=[^0-9]{0,60}\d)[\w+/=~-]{16,512}$/;

const CALL =
  /\b(?:set|setItem|setHeader|setRequestHeader|add|append|header|upsert)\s{0,4}\(\s{0,16}\\{0,7}["'`]$/;

/** Whether a program assigns a value to a name: `environment.set("token", "x")`. */
function isCall(text: string, start: number): boolean {
  return CALL.test(text.slice(Math.max(0, start - GAP), start));
}

function quotedArgument(text: string, at: number, read: ValueReader): PlacedValue[] {
  const from = skipSpace(text, at);
  const quote = /^\\{0,7}["'`]/.exec(text.slice(from, from + 8))?.[0];
  return quote === undefined ? [] : quotedValue(text, from + quote.length, quote, read);
}

/** Returns the position after the quote that ends a name, or after the bracket of `user[password]`. */
function closingQuote(text: string, end: number): number {
  const match = /^(?:\]|%5D|\\{0,7}["'`]|&quot;)+/i.exec(text.slice(end, end + 16));
  return end + (match?.[0].length ?? 0);
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < start + GAP && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

function quotedValue(text: string, start: number, quote: string, read: ValueReader): PlacedValue[] {
  const { end, closed } = read.string(start, quote);
  if (!read.affords(end - start)) return [];
  const value = text.slice(start, end);
  // An apostrophe is not a quote, and an unclosed string ends with its line.
  const line = closed && quote === '"' ? -1 : value.search(/[\r\n]/);
  if (line >= 0 && quote !== '"') return [];
  const written = line < 0 ? value : value.slice(0, line);
  const decoded = unescaped(written, quote.length);
  return [{ start, text: written, form: 'quoted', ...(decoded === written ? {} : { decoded }) }];
}

/** Removes JSON escapes, once per level of string nesting. */
function unescaped(text: string, times: number): string {
  let current = text;
  for (let time = 0; time < times && current.includes('\\'); time += 1) {
    try {
      const parsed: unknown = JSON.parse(`"${current}"`);
      current = String(parsed);
    } catch {
      return current;
    }
  }
  return current;
}

/** The strings of an array; its other elements are ignored. */
function arrayValues(text: string, start: number, read: ValueReader): PlacedValue[] {
  const values: PlacedValue[] = [];
  let at = skipSpace(text, start);
  for (;;) {
    const quote = /^\\{0,7}"/.exec(text.slice(at, at + 8))?.[0];
    if (quote === undefined) return values;
    const [value] = quotedValue(text, at + quote.length, quote, read);
    if (value === undefined) return values;
    values.push(value);
    at = skipSpace(text, value.start + value.text.length + quote.length);
    if (text.charAt(at) !== ',') return values;
    at = skipSpace(text, at + 1);
  }
}

/** A variable is one piece, whatever is beside it; the number of variables in a value is limited. */
const BARE = /[^\s&;,"'`<>\\(){}[\]|#]*(?:\{\{[^\s{}]{1,64}\}\}[^\s&;,"'`<>\\(){}[\]|#]*){0,64}/y;

/** @param end where the value ends, from `bareReader` */
function bareValue(
  text: string,
  start: number,
  end: number,
  form: 'query' | 'bare',
): PlacedValue[] {
  const value = text.slice(start, end);
  if (value === '' || text.charAt(start + value.length) === '(') return [];
  const decoded = percentDecoded(value);
  return [{ start, text: value, form, ...(decoded === value ? {} : { decoded }) }];
}

const ENCODED_EQUALS = /%((?:25){0,3})3D/iy;
const ENCODED_END = /%(?:25){0,3}2[36]/i;

/** The value in a query that is percent-encoded as a whole, once or more: `%3Ftoken%3Dx%26`. */
function encodedValue(text: string, at: number, read: ValueReader): PlacedValue[] {
  ENCODED_EQUALS.lastIndex = at;
  const equals = ENCODED_EQUALS.exec(text);
  if (equals === null) return [];
  const start = ENCODED_EQUALS.lastIndex;
  const stop = read.bare(start);
  if (!read.affords(stop - start)) return [];
  const value = text.slice(start, stop).split(ENCODED_END, 1)[0] ?? '';
  if (value === '') return [];
  // Characters that the value itself encodes are encoded once more than the `=`.
  const times = 2 + (equals[1]?.length ?? 0) / 2;
  let decoded = value;
  for (let time = 0; time < times; time += 1) decoded = percentDecoded(decoded);
  return [{ start, text: value, form: 'query', ...(decoded === value ? {} : { decoded }) }];
}

function percentDecoded(value: string): string {
  if (!/[%+]/.test(value)) return value;
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

const LINE = /[^\r\n]*/y;

/** `name: value` in settings and header lines: the name begins the line, the value is the rest of the line. */
function lineValue(text: string, start: number, from: number): PlacedValue[] {
  const before = text.slice(Math.max(0, start - GAP), start);
  const indent = /(?:^|\n)[ \t#>-]*$/.exec(before);
  if (indent === null || (indent.index === 0 && start > GAP && !before.startsWith('\n'))) return [];
  LINE.lastIndex = from;
  const value = (LINE.exec(text)?.[0] ?? '').trimEnd();
  return value === '' ? [] : [{ start: from, text: value, form: 'bare' }];
}

/** The maximum length of a tag. */
const TAG = 1024;

/**
 * Values that are separate from their names: `<password>x</password>`, `<input name="token" value="x">` and
 * `{"name":"token","value":"x"}`.
 */
export function valuesApart(text: string, place: Place, isMarkup: boolean): PlacedValue[] {
  const { start, end } = place;
  const pair = valueOfPair(text, start, end);
  if (pair !== undefined) return [pair];
  if (!isMarkup) return [];
  const before = text.slice(Math.max(0, start - GAP), start);
  if (/<(?:[\w-]{1,40}:)?$/.test(before)) return elementValue(text, end);
  const isNamed = /\b(?:name|id|property|key)\s{0,4}=\s{0,4}["']?(?:[\w.-]*\[)?$/i.test(before);
  if (!isNamed) return [];
  const values = attributeValue(text, start, end);
  return values.length > 0 ? values : elementValue(text, skipQuote(text, end));
}

function skipQuote(text: string, at: number): number {
  return /["']/.test(text.charAt(at)) ? at + 1 : at;
}

/** The text of an element, or the data of its CDATA section if it contains nothing else. */
function elementValue(text: string, end: number): PlacedValue[] {
  const head = /^(?:\s[^<>]*)?>(?:\s{0,64}<!\[CDATA\[)?/.exec(text.slice(end, end + TAG))?.[0];
  if (head === undefined || head.includes('/>')) return [];
  const from = end + head.length;
  const content = text.slice(from, from + 64 * TAG);
  const close = head.endsWith('[') ? content.indexOf(']]>') : content.search(/[<]/);
  if (close < 1) return [];
  const value = content.slice(0, close);
  const start = from + (value.length - value.trimStart().length);
  return value.trim() === '' ? [] : [{ start, text: value.trim(), form: 'quoted' }];
}

function attributeValue(text: string, start: number, end: number): PlacedValue[] {
  const from = Math.max(0, start - TAG);
  const open = from + text.slice(from, start).lastIndexOf('<');
  const close = text.slice(end, end + TAG).indexOf('>');
  if (open < from || close < 0) return [];
  const tag = text.slice(open, end + close);
  const match = /\s(?:value|content)\s{0,4}=\s{0,4}(?:"([^"]*)"|'([^']*)')/i.exec(tag);
  const value = match?.[1] ?? match?.[2] ?? '';
  if (match === null || value === '') return [];
  return [
    { start: open + match.index + match[0].length - 1 - value.length, text: value, form: 'quoted' },
  ];
}

const PAIR_NAME = /"(?:name|key|id|field|header)"\s{0,16}:\s{0,16}"(?:[\w.-]*\[)?$/i;
const PAIR_VALUE = /^\]?"\s{0,32},\s{0,32}"value"\s{0,16}:\s{0,16}"/i;

function valueOfPair(text: string, start: number, end: number): PlacedValue | undefined {
  const value = PAIR_VALUE.exec(text.slice(end, end + 128))?.[0];
  if (value === undefined || !PAIR_NAME.test(text.slice(Math.max(0, start - 96), start))) {
    return undefined;
  }
  const from = end + value.length;
  const { end: to } = endOfString(text, from, '"');
  const written = text.slice(from, to);
  const decoded = unescaped(written, 1);
  return {
    start: from,
    text: written,
    form: 'quoted',
    ...(decoded === written ? {} : { decoded }),
  };
}
