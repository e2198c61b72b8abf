import { copied } from '../../http/body-text.ts';
import { KNOWN_LENGTH } from '../detect/values.ts';
import { RANKS, type Span } from '../spans.ts';

export type SecretFinder = {
  /** @param alsoInBase64 also find the value inside base64-encoded text (RFC 4648, 4 and 5) */
  add(value: string, alsoInBase64: boolean): void;
  /** Returns the positions of values, in order; of overlapping values, the longest. */
  find(text: string): Span[];
};

/**
 * Searches for many values in one pass. Values are indexed by their last eight characters, which distinguish tokens with
 * a common beginning. Every fifth position of a text is examined: wherever those eight characters are, four of them begin
 * at such a position.
 *
 * @param isKnown whether a text is one of the values that were added
 */
export function createFinder(isKnown: (value: string) => boolean): SecretFinder {
  /** The lengths and beginnings of values by their last characters, the longest first. */
  const shapes = new Map<string, Shape[]>();
  /** Hashes of eight characters in which a value in base64 may end. */
  const base64Tails = new Set<number>();
  /** The beginnings of long values. */
  const heads = new Set<string>();
  let budget = 0;
  const fours = hashTable(14);
  const tails = hashTable(16);

  function mark(tail: string): void {
    tails.add(hashOfEight(tail, 0));
    for (let at = 0; at < STEP; at += 1) fours.add(hashOfFour(tail, at));
  }

  function add(value: string, alsoInBase64: boolean): void {
    const tail = copied(value.slice(-KNOWN_LENGTH));
    const shape = { length: value.length, first: value.charCodeAt(0) };
    const known = shapes.get(tail);
    if (known === undefined) {
      shapes.set(tail, [shape]);
      mark(tail);
    } else if (
      !known.some(({ length, first }) => length === shape.length && first === shape.first)
    ) {
      known.push(shape);
      known.sort((a, b) => b.length - a.length);
    }
    if (value.length > LONG) heads.add(copied(headOf(value)));
    if (!alsoInBase64) return;
    for (const inBase64 of base64TailsOf(value)) {
      const hash = hashOfEight(inBase64, 0);
      if (base64Tails.has(hash)) continue;
      base64Tails.add(hash);
      mark(inBase64);
    }
  }

  function find(text: string): Span[] {
    const spans: Span[] = [];
    if (shapes.size === 0) return spans;
    const last = text.length - 4;
    let checked = 0;
    budget = READINGS * text.length + LONG;
    let run: Span | undefined;
    for (let at = STEP - 1; at <= last + STEP; at += STEP) {
      const place = Math.min(at, last);
      if (place < 0 || !fours.has(hashOfFour(text, place))) continue;
      // The tails that these four are in.
      const from = Math.max(place - STEP + 1, checked, 0);
      checked = place + 1;
      for (let start = from; start <= place; start += 1) {
        const end = start + KNOWN_LENGTH;
        if (end > text.length) break;
        const hash = hashOfEight(text, start);
        if (!tails.has(hash)) continue;
        const plain = endingAt(text, end, spans.at(-1));
        if (plain !== undefined) push(spans, plain);
        else if (start >= (run?.end ?? 0) && base64Tails.has(hash)) {
          run = runAround(text, start);
          if (holdsKnown(text.slice(run.start, run.end))) push(spans, run);
        }
      }
    }
    return spans;
  }

  function endingAt(text: string, end: number, before: Span | undefined): Span | undefined {
    for (const { length, first } of shapes.get(text.slice(end - KNOWN_LENGTH, end)) ?? NONE) {
      const start = end - length;
      if (text.charCodeAt(start) !== first) continue;
      // A value that begins inside the previous one would be discarded anyway.
      if (start < 0 || (before && start > before.start && start < before.end)) continue;
      if (length > LONG) {
        // A long value that repeats one piece may seem to end at every position.
        budget -= length;
        if (budget < 0 || !heads.has(headOf(text.slice(start, end)))) continue;
      }
      if (isKnown(text.slice(start, end)) && isWhole(text, start, end)) {
        return { start, end, wanted: 'secret', rank: RANKS.part };
      }
    }
    return undefined;
  }

  /** The alignment within the surrounding base64 is unknown, so four beginnings are tried. */
  function holdsKnown(run: string): boolean {
    for (let offset = 0; offset < 4; offset += 1) {
      const decoded = Buffer.from(run.slice(offset), 'base64').toString();
      if (find(decoded).length > 0) return true;
    }
    return false;
  }
  return { add, find };
}

/** A value that ends with certain characters. */
type Shape = { readonly length: number; readonly first: number };

const NONE: readonly Shape[] = [];

/** Comparisons of values longer than `LONG` cover at most `READINGS` times the length of the text. */
const LONG = 128;
const READINGS = 64;

function headOf(value: string): string {
  return value.slice(0, 16);
}

/** Of eight characters, four begin at one of any five consecutive positions. */
const STEP = KNOWN_LENGTH - 4 + 1;

/** Fibonacci hashing: 2^32 divided by the golden ratio. The upper bits are the good ones. */
const SPREAD = 0x9e3779b1;

function hashOfFour(text: string, at: number): number {
  const four =
    text.charCodeAt(at) ^
    (text.charCodeAt(at + 1) << 8) ^
    (text.charCodeAt(at + 2) << 16) ^
    (text.charCodeAt(at + 3) << 24);
  return Math.imul(four, SPREAD);
}

function hashOfEight(text: string, at: number): number {
  return Math.imul(hashOfFour(text, at) ^ (hashOfFour(text, at + 4) >>> 3), SPREAD);
}

/** The maximum number of hash bits that index a table. */
const MOST_BITS = 22;

/** A set of hashes by their upper bits; at most one in 32 matches by chance unless the set is huge. */
function hashTable(firstBits: number) {
  let bits = firstBits;
  let table = new Uint8Array(1 << bits);
  let hashes: number[] = [];
  return {
    has: (hash: number) => table[hash >>> (32 - bits)] !== 0,
    add(hash: number): void {
      table[hash >>> (32 - bits)] = 1;
      if (bits >= MOST_BITS) return;
      hashes.push(hash);
      if (hashes.length <= table.length >> 5) return;
      hashes = [...new Set(hashes)];
      if (hashes.length <= table.length >> 5) return;
      bits += 2;
      table = new Uint8Array(1 << bits);
      for (const each of hashes) table[each >>> (32 - bits)] = 1;
      if (bits >= MOST_BITS) hashes = [];
    },
  };
}

/** A longer value may begin before a value that was found and end after it. */
function push(spans: Span[], span: Span): void {
  while ((spans.at(-1)?.start ?? -1) >= span.start) spans.pop();
  if ((spans.at(-1)?.end ?? 0) <= span.start) spans.push(span);
}

/** The ends of a value's base64 encodings, for each of the three positions in a group at which it may begin. */
function base64TailsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The characters that depend on no other byte.
    const first = Math.ceil((8 * offset) / 6);
    const core = encoded.slice(first, Math.floor((8 * (offset + bytes.length)) / 6));
    if (core.length < KNOWN_LENGTH) return [];
    const tail = core.slice(-KNOWN_LENGTH);
    const urlSafe = tail.replaceAll('+', '-').replaceAll('/', '_');
    return tail === urlSafe ? [tail] : [tail, urlSafe];
  });
}

const BASE64 = /[A-Za-z0-9+/_-]/;

/** The whole base64 text around a position. */
function runAround(text: string, at: number): Span {
  let start = at;
  while (start > 0 && BASE64.test(text.charAt(start - 1))) start -= 1;
  let end = at + 1;
  while (end < text.length && BASE64.test(text.charAt(end))) end += 1;
  const padded = end + (/^={0,2}/.exec(text.slice(end, end + 2))?.[0].length ?? 0);
  return { start, end: padded, wanted: 'secret_base64', rank: RANKS.part };
}

/** Not in the name of a variable, and not in the middle of a number. */
function isWhole(text: string, start: number, end: number): boolean {
  if (/^\d+$/.test(text.slice(start, end))) {
    if (/\d/.test(text.charAt(start - 1)) || /\d/.test(text.charAt(end))) return false;
  }
  const before = text.slice(Math.max(0, start - 64), start);
  return !(/\{\{\w*$/.test(before) && /^\w*\}\}/.test(text.slice(end, end + 64)));
}
