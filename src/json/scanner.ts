/**
 * Finds places in JSON that is too large to be parsed as a whole. It reads the structure only; whether a value is
 * valid shows when it is parsed. (Streaming parsers take ten times as long and return values without their places.)
 */

import { stringMarkAt, structureAt } from './structure.ts';

/** A structural token. `depth` is the number of objects and arrays open around it. */
type Mark = {
  readonly byte: number;
  readonly depth: number;
  readonly at: number;
  /** After a string's closing quote. */
  readonly end: number;
};

/** The byte range of a value, perhaps with white space around it. */
export type Span = { readonly offset: number; readonly length: number };

/** The findings about a file besides its elements. */
export type ScanEnd = {
  /** Whether the file has such an array. */
  readonly found: boolean;
  /** The strings beside the array, by their keys. */
  readonly beside: ReadonlyMap<string, string>;
  /** If the file is truncated: the end of the last complete element. */
  readonly cutAt?: number;
};

type Readable = { chunks(): Iterable<Buffer>; read(offset: number, length: number): Buffer };

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * Finds the elements of an array.
 *
 * @param path the keys that lead to the array, `['log', 'entries']`
 */
export function* elementSpans(source: Readable, path: readonly string[]): Generator<Span, ScanEnd> {
  let matched = 0;
  let key: string | undefined;
  let isValue = false;
  const beside = new Map<string, string>();
  let start: number | undefined;
  let elements = 0;
  let found = false;
  for (const { byte, depth, at, end } of marks(source, path.length + 1)) {
    if (start !== undefined) {
      const closes = byte === CLOSE_ARRAY && depth === path.length;
      if (!closes && !(byte === COMMA && depth === path.length + 1)) continue;
      const span = { offset: start, length: at - start };
      if (!closes || elements > 0 || !isBlank(source, span)) yield span;
      elements += 1;
      start = closes ? undefined : at + 1;
      if (closes) matched -= 1;
    } else if (byte === QUOTE && isValue) {
      const text = depth === path.length && matched === depth - 1 ? keyAt(source, at, end) : '';
      if (key !== undefined && text) beside.set(key, text);
    } else if (byte === QUOTE) key = keyAt(source, at, end);
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const leads = depth > 0 && matched === depth - 1 && key === path[matched];
      if (leads) matched += 1;
      if (leads && matched === path.length && byte === OPEN_ARRAY) {
        found = true;
        start = at + 1;
      }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (matched === depth && matched > 0) matched -= 1;
      if (depth === 0) return { found, beside };
    } else if (byte === COMMA) key = undefined;
    isValue = byte === COLON;
  }
  return { found, beside, cutAt: start ?? 0 };
}

/** The keys of the object that a file begins with, in order; none if it begins with another value. */
export function* topLevelKeys(source: Readable): Generator<string> {
  let last: string | undefined;
  for (const { byte, depth, at, end } of marks(source, 1)) {
    if (depth === 0 && byte !== OPEN_OBJECT) return;
    if (byte === QUOTE) last = keyAt(source, at, end);
    else if (byte === COLON && last !== undefined) yield last;
  }
}

/** The complete part of a truncated file. */
export type WholePart = {
  /** The length of the part, in bytes. */
  readonly length: number;
  /** The brackets that close the open containers after it. */
  readonly closing: string;
  /** The element in which the file ends: `item[3].item[0]`. */
  readonly cutIn: string;
};

/**
 * Finds the complete part of a truncated file: up to the last complete element of the arrays of a name, which may be
 * nested.
 *
 * @returns undefined if nothing is complete, or nothing is open at the end
 */
export function wholePart(source: Readable, name: string): WholePart | undefined {
  const open: { readonly close: string; readonly isNamed: boolean; elements: number }[] = [];
  let key: string | undefined;
  let isValue = false;
  let whole: { readonly length: number; readonly closing: string } | undefined;
  for (const { byte, at, end } of marks(source, Number.POSITIVE_INFINITY)) {
    if (byte === QUOTE && !isValue) key = keyAt(source, at, end);
    else if (byte === OPEN_OBJECT) open.push({ close: '}', isNamed: false, elements: 0 });
    else if (byte === OPEN_ARRAY)
      open.push({ close: ']', isNamed: isValue && key === name, elements: 0 });
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      open.pop();
      const around = open.at(-1);
      if (around?.isNamed) {
        around.elements += 1;
        const brackets = open.map(({ close }) => close);
        whole = { length: end, closing: brackets.reverse().join('') };
      }
    }
    isValue = byte === COLON;
  }
  const named = open.filter(({ isNamed }) => isNamed);
  const cutIn = named.map(({ elements }) => `${name}[${elements}]`).join('.');
  return whole && open.length > 0 ? { ...whole, cutIn: cutIn || 'the collection' } : undefined;
}

/** Longer strings are not keys of interest. */
const longestKey = 256;

function keyAt(source: Readable, at: number, end: number): string | undefined {
  if (end - at > longestKey) return undefined;
  try {
    return JSON.parse(source.read(at, end - at).toString());
  } catch {
    return undefined;
  }
}

function isBlank(source: Readable, { offset, length }: Span): boolean {
  return source.read(offset, Math.min(length, longestKey)).toString('latin1').trim() === '';
}

/** The structural tokens and strings down to a depth. */
function* marks(source: Readable, deepest: number): Generator<Mark> {
  let base = 0;
  let depth = 0;
  let stringAt = -1;
  let escaped = false;
  for (const chunk of source.chunks()) {
    for (let from = 0; from < chunk.length; ) {
      if (escaped) {
        escaped = false;
        from += 1;
        continue;
      }
      const at = stringAt < 0 ? structureAt(chunk, from) : stringMarkAt(chunk, from);
      const byte = chunk[at];
      from = at + 1;
      if (byte === undefined) break;
      if (stringAt >= 0) {
        if (byte === BACKSLASH) escaped = true;
        else {
          if (depth <= deepest) yield { byte, depth, at: stringAt, end: base + at + 1 };
          stringAt = -1;
        }
      } else if (byte === QUOTE) stringAt = base + at;
      else {
        if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
        if (depth <= deepest) yield { byte, depth, at: base + at, end: base + at + 1 };
        if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      }
    }
    base += chunk.length;
  }
}
