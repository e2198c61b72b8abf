/**
 * Where in a text the name of a secret, or a secret of a known make, may begin: at three characters that are a beginning
 * of one. Of three in a row either the first two or the last two begin at an odd place, so that it is enough to look up
 * every other pair; most of a text is never looked at more closely.
 */
export type Stems = Places & {
  /** There is no such place, as in most texts. */
  readonly isEmpty: boolean;
};

type Places = {
  /** Where a name may have one of `NAME_STEMS` in it. */
  readonly names: readonly number[];
  /** Where a value may begin with one of `MAKE_STEMS`. */
  readonly makes: readonly number[];
  /** Where a row of thirteen digits or more begins, with or without spaces and dashes in it. */
  readonly digits: readonly number[];
};

/** What every name of a secret has in it. */
export const NAME_STEMS =
  /token|secret|passw|passphrase|passcode|pass(?=["'\\&=\]])|pwd|jwt|bearer|saml|csrf|xsrf|credential|auth|sess|sid|sso|signature|key|email|assertion|cookie|code|state|client_?id/iy;

const NAME_BEGINNINGS =
  'tok sec pas pwd jwt bea sam csr xsr cre aut ses sid sso sig key ema ass coo cod sta cli';

const MAKE_BEGINNINGS =
  'eyJ PMA gho ghp ghu ghs ghr git glp sk- sk_ rk_ whs xox AKI ASI AIz bea bas BEG';

const NAME = 1;
const MAKE = 2;
const DIGITS = 4;

/** Letters of either case 1 to 26, digits, and the marks that are in a beginning; nothing else is told apart. */
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

const classOf = (code: number) => classes[code & 127] ?? 0;
const pairOf = (first: number, second: number) => (classOf(first) << CLASS_BITS) | classOf(second);

/** By the classes of three characters: what they are a beginning of. */
const kinds = new Uint8Array(1 << (3 * CLASS_BITS));
/** By the classes of two characters: of what they are the first or the last two. */
const halves = new Uint8Array(1 << (2 * CLASS_BITS));

for (const beginning of NAME_BEGINNINGS.split(' ')) flag(beginning, NAME);
for (const beginning of MAKE_BEGINNINGS.split(' ')) flag(beginning, MAKE);
flag('000', DIGITS);

function flag(beginning: string, kind: number): void {
  const [first = 0, second = 0, third = 0] = Buffer.from(beginning);
  const index = (pairOf(first, second) << CLASS_BITS) | classOf(third);
  kinds[index] = (kinds[index] ?? 0) | kind;
  halves[pairOf(first, second)] = kind;
  halves[pairOf(second, third)] = kind;
}

/** The same by the characters themselves. */
const pairs = new Uint8Array(1 << 14);
for (let pair = 0; pair < pairs.length; pair += 1) {
  pairs[pair] = halves[pairOf(pair >> 7, pair & 127)] ?? 0;
}

/** Characters as bytes: reading them one by one is several times faster than from a text. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads a text once, whatever is in it. */
export function stemsIn(text: string): Stems {
  let stems: Noted | undefined;
  const bytes = text.length <= scratch.length ? scratch : Buffer.allocUnsafe(text.length);
  const length = bytes.write(text, 'latin1');
  for (let at = 1; at + 1 < length; at += 2) {
    // Both places are within the bytes, and both bytes within the table.
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const half = pairs[((first & 127) << 7) | (second & 127)];
    if (half === 0 || (half === DIGITS && !mayBeRow(bytes, at, length))) continue;
    stems ??= { names: [], makes: [], digits: [], isEmpty: false };
    note(text, at - 1, stems);
    if (at + 2 < length) note(text, at, stems);
  }
  return stems ?? NOTHING;
}

/** Most digits are in short numbers and dates: whether these two are the first of a row, as far as three more tell. */
function mayBeRow(bytes: Buffer, at: number, length: number): boolean {
  return (
    at + 11 < length &&
    classOf(bytes[at + 2] ?? 0) === DIGIT &&
    isDigitOrGap(bytes[at + 6] ?? 0) &&
    isDigitOrGap(bytes[at + 11] ?? 0)
  );
}

/** Takes down what may begin at a place. */
function note(text: string, at: number, { names, makes, digits }: Noted): void {
  const pair = pairOf(text.charCodeAt(at), text.charCodeAt(at + 1));
  const kind = kinds[(pair << CLASS_BITS) | classOf(text.charCodeAt(at + 2))] ?? 0;
  if (kind === DIGITS) {
    if (mayBeLong(text, at + 2)) digits.push(at);
    return;
  }
  if ((kind & NAME) !== 0) names.push(at);
  if ((kind & MAKE) !== 0) makes.push(at);
}

type Noted = { readonly [kind in keyof Places]: number[] } & { readonly isEmpty: false };

const NOTHING: Stems = { names: [], makes: [], digits: [], isEmpty: true };

/** Whether three digits begin a row that goes on for ten more characters of its kind, as far as two of them tell. */
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
