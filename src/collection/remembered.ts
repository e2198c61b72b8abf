import { hash } from 'node:crypto';
import type { Span } from './spans.ts';

// A recording is read for its secrets before it is written: what the first reading has found, the second need not look
// for. All of this is bounded, so that memory does not grow with a recording.

/** Texts below this are read sooner than they are recognised. */
const SHORT = 48;
const TEXTS = 100_000;
const KINDS = 16;

/** Spans by what they were found in: `kind` tells the ways of reading a text apart. */
export type RememberedSpans = (
  kind: string,
  text: string,
  find: () => readonly Span[],
) => readonly Span[];

/** Knows a text again by its digest. */
export function rememberSpans(): RememberedSpans {
  const kinds = new Map<string, Map<string, readonly Span[]>>();
  return (kind, text, find) => {
    if (text.length < SHORT) return find();
    const known = kinds.get(kind) ?? new Map<string, readonly Span[]>();
    const key = hash('sha1', text, 'base64');
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const found = find();
    if (known.size === 0 && kinds.size < KINDS) kinds.set(kind, known);
    if (known.size < TEXTS) known.set(key, found.length === 0 ? NONE : found);
    return found;
  };
}

const NONE: readonly Span[] = [];

const NAMES = 256;
const VALUES = 512;
const VALUE_LENGTH = 256;

/** What became of a header line; `size` is what was known by then. */
type Line = { readonly result: string; readonly size: number };

/**
 * Most header lines come again and again.
 *
 * @param size how many secrets are known: with a new one a line has to be looked at anew
 */
export function rememberLines(
  size: () => number,
  read: (name: string, value: string) => string,
): (name: string, value: string) => string {
  const names = new Map<string, Map<string, Line>>();
  return (name, value) => {
    if (value.length > VALUE_LENGTH) return read(name, value);
    let lines = names.get(name);
    const remembered = lines?.get(value);
    if (remembered?.size === size()) return remembered.result;
    const result = read(name, value);
    if (lines === undefined) {
      if (names.size >= NAMES) names.clear();
      lines = new Map();
      names.set(name, lines);
    }
    if (lines.size >= VALUES) lines.clear();
    lines.set(value, { result, size: size() });
    return result;
  };
}
