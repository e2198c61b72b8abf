import { beginsWord } from './name-ends.ts';
import { BASE64_JSON, PEM_LABEL, TEXT_SCHEMES, TOKEN_FORMATS } from './token-formats.ts';
import { NAME_STARTS } from './words.ts';

/**
 * The positions in a text where the name of a secret, or a secret of a known format, may begin: at three characters that
 * begin one. Of three consecutive characters, either the first two or the last two begin at an odd position, so only
 * every other pair has to be looked up; most of a text is never examined more closely.
 */
export type Candidates = Places & {
  /** Whether there are no such positions, as in most texts. */
  readonly isEmpty: boolean;
};

type Places = {
  /** Where a name may contain one of `NAME_STARTS`. */
  readonly names: readonly number[];
  /** Where a value of one of `TOKEN_FORMATS` may begin. */
  readonly makes: readonly number[];
  /** Where a sequence of thirteen digits or more begins, with or without spaces and dashes. */
  readonly digits: readonly number[];
};

/** The text that every name of a secret contains; the parts of a word may be joined in any way. */
export const NAME_START = new RegExp(
  NAME_STARTS.map(({ stem }) => stem)
    .join('|')
    .replaceAll(' ', '[-_.]?'),
  'iy',
);

const MAKE_STEMS = [
  ...TOKEN_FORMATS.flatMap(({ begins }) => begins),
  // The slash that is the last character of `%2F`.
  ...TOKEN_FORMATS.flatMap(({ begins }) => begins.map((begin) => begin.replace(/^\//, 'F'))),
  ...TEXT_SCHEMES,
  ...BASE64_JSON,
  PEM_LABEL,
];

const NAME = 1;
const MAKE = 2;
const DIGITS = 4;
/** A name only where a word begins. */
const WORD = 8;

/** Letters of either case are 1 to 26, then digits and the marks used in beginnings; all else is one class. */
const CLASS_BITS = 5;
const DIGIT = 27;
const classes = new Uint8Array(128);
for (let letter = 1; letter <= 26; letter += 1) {
  classes[0x40 + letter] = letter;
  classes[0x60 + letter] = letter;
}
classes.fill(DIGIT, 0x30, 0x3a);
classes[0x2d] = 28;
classes[0x5f] = 29;
classes[0x2f] = 30;

const classOf = (code: number) => classes[code & 127] ?? 0;
const pairOf = (first: number, second: number) => (classOf(first) << CLASS_BITS) | classOf(second);

/** What three characters may begin, by their classes. */
const kinds = new Uint8Array(1 << (3 * CLASS_BITS));
/** What two characters may be the first or the last two of, by their classes. */
const halves = new Uint8Array(1 << (2 * CLASS_BITS));

for (const { stem, isJoined } of NAME_STARTS) flag(stem, isJoined ? NAME : WORD);
for (const stem of MAKE_STEMS) flag(stem, MAKE);
flag('000', DIGITS);

/** @param stem its first three characters are flagged */
function flag(stem: string, kind: number): void {
  const [first = 0, second = 0, third = 0] = Buffer.from(stem);
  const index = (pairOf(first, second) << CLASS_BITS) | classOf(third);
  kinds[index] = (kinds[index] ?? 0) | kind;
  for (const half of [pairOf(first, second), pairOf(second, third)]) {
    halves[half] = (halves[half] ?? 0) | kind;
  }
}

/** The same, indexed by the characters themselves. */
const pairs = new Uint8Array(1 << 14);
for (let pair = 0; pair < pairs.length; pair += 1) {
  pairs[pair] = halves[pairOf(pair >> 7, pair & 127)] ?? 0;
}

/** Characters as bytes: reading single bytes is several times faster than reading a string. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads a text in one pass, whatever its contents. */
export function candidatesIn(text: string): Candidates {
  let candidates: Noted | undefined;
  const bytes = text.length <= scratch.length ? scratch : Buffer.allocUnsafe(text.length);
  const length = bytes.write(text, 'latin1');
  for (let at = 1; at + 1 < length; at += 2) {
    // Both positions are within the bytes, and both bytes within the table.
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const half = pairs[((first & 127) << 7) | (second & 127)];
    if (half === 0 || (half === DIGITS && !mayBeRow(bytes, at, length))) continue;
    const before = kindOf(bytes[at - 1] as number, first, second);
    const after = at + 2 < length ? kindOf(first, second, bytes[at + 2] as number) : 0;
    if ((before | after) === 0) continue;
    candidates ??= { names: [], makes: [], digits: [], isEmpty: false };
    note(text, at - 1, before, candidates);
    note(text, at, after, candidates);
  }
  return candidates ?? NOTHING;
}

/** Returns what three characters may begin. */
function kindOf(first: number, second: number, third: number): number {
  return kinds[(pairOf(first, second) << CLASS_BITS) | classOf(third)] as number;
}

/** Whether two digits may begin a long sequence, judged by three more characters; most digits are in short numbers and dates. */
function mayBeRow(bytes: Buffer, at: number, length: number): boolean {
  return (
    at + 11 < length &&
    classOf(bytes[at + 2] ?? 0) === DIGIT &&
    isDigitOrGap(bytes[at + 6] ?? 0) &&
    isDigitOrGap(bytes[at + 11] ?? 0)
  );
}

/** Records what may begin at a position. */
function note(text: string, at: number, kind: number, { names, makes, digits }: Noted): void {
  if (kind === 0) return;
  if (kind === DIGITS) {
    if (mayBeLong(text, at + 2)) digits.push(at);
    return;
  }
  if ((kind & NAME) !== 0 || ((kind & WORD) !== 0 && beginsWord(text, at))) names.push(at);
  if ((kind & MAKE) !== 0) makes.push(at);
}

type Noted = { readonly [kind in keyof Places]: number[] } & { readonly isEmpty: false };

const NOTHING: Candidates = { names: [], makes: [], digits: [], isEmpty: true };

/** Whether three digits may begin a sequence with ten more characters of its kind, judged by two of those. */
function mayBeLong(text: string, at: number): boolean {
  return (
    classes[text.charCodeAt(at - 3) & 127] !== DIGIT &&
    classes[text.charCodeAt(at + 1) & 127] === DIGIT &&
    isDigitOrGap(text.charCodeAt(at + 5)) &&
    isDigitOrGap(text.charCodeAt(at + 10))
  );
}

function isDigitOrGap(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x20 || code === 0x2d;
}
