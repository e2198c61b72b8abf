/**
 * Where in a text the name of a secret, or a secret of a known make, may begin. Three characters are looked up at a
 * time, in one reading for all that is looked for: most of a text is never looked at more closely.
 */
export type Stems = {
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

const WINDOW = (1 << (3 * CLASS_BITS)) - 1;
const table = new Uint8Array(WINDOW + 1);
const flag = (beginning: string, kind: number) => {
  let index = 0;
  for (let at = 0; at < 3; at += 1) index = next(index, beginning.charCodeAt(at));
  table[index] = (table[index] ?? 0) | kind;
};
for (const beginning of NAME_BEGINNINGS.split(' ')) flag(beginning, NAME);
for (const beginning of MAKE_BEGINNINGS.split(' ')) flag(beginning, MAKE);
flag('000', DIGITS);

function next(window: number, code: number): number {
  return ((window << CLASS_BITS) | (classes[code & 127] ?? 0)) & WINDOW;
}

/** Reads a text once, whatever is in it. */
export function stemsIn(text: string): Stems {
  const names: number[] = [];
  const makes: number[] = [];
  const digits: number[] = [];
  const { length } = text;
  let window = 0;
  for (let at = 0; at < length; at += 1) {
    // Written out, because this line is most of what redaction takes; both indexes are within their tables.
    window = ((window << CLASS_BITS) | (classes[text.charCodeAt(at) & 127] as number)) & WINDOW;
    if (table[window] === 0) continue;
    const kind = table[window] as number;
    if (kind === DIGITS) {
      if (mayBeLong(text, at)) digits.push(at - 2);
      continue;
    }
    if ((kind & NAME) !== 0) names.push(at - 2);
    if ((kind & MAKE) !== 0) makes.push(at - 2);
  }
  return { names, makes, digits };
}

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
