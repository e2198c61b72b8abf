import { isUtf8 } from 'node:buffer';

/** A piece of a shell word: bytes that are data, as Latin-1 text, or what a variable holds. */
export type Piece = string | { readonly variable: string; readonly required?: true };

/**
 * Writes one word of a POSIX shell's command line (Shell Command Language, 2.2). Data is quoted so that no byte of it
 * is read by the shell; only the variables are.
 *
 * @param pieces data without NUL, which no argument can hold, and without a line break at its end where it has bytes
 *   that cannot be shown
 */
export function shellWord(pieces: readonly Piece[]): string {
  const whole = joined(pieces);
  if (whole.every((piece) => typeof piece !== 'string' || SAFE_IN_DOUBLE_QUOTES.test(piece))) {
    if (whole.some((piece) => typeof piece !== 'string')) return doubleQuoted(whole);
  }
  const words = whole.map((piece) =>
    typeof piece === 'string' ? quoted(piece) : `"${expansion(piece)}"`,
  );
  return words.join('') || "''";
}

/** What `"`, `$`, a backquote, a backslash and (typed at a prompt) `!` would end or begin. */
const SAFE_IN_DOUBLE_QUOTES = /^[ #%&'()*+,\-./0-9:;<=>?@A-Z[\]^_a-z{|}~]*$/;

function joined(pieces: readonly Piece[]): Piece[] {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (typeof piece === 'string' && typeof last === 'string')
      whole[whole.length - 1] = last + piece;
    else if (piece !== '') whole.push(piece);
  }
  return whole;
}

function doubleQuoted(pieces: readonly Piece[]): string {
  return `"${pieces
    .map((piece, index) => {
      if (typeof piece === 'string') return piece;
      const next = pieces[index + 1];
      const endsByItself = typeof next !== 'string' || !/^\w/.test(next);
      return expansion(piece, endsByItself);
    })
    .join('')}"`;
}

function expansion(piece: Exclude<Piece, string>, endsByItself = false): string {
  if (piece.required) return `\${${piece.variable}:?}`;
  return endsByItself ? `$${piece.variable}` : `\${${piece.variable}}`;
}

function quoted(data: string): string {
  const text = shownText(data);
  if (text === undefined) return `"$(printf '${printfFormat(data)}')"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The text that these bytes are, when it can stand in a script and be copied from it without a loss. */
export function shownText(data: string): string | undefined {
  const bytes = Buffer.from(data, 'latin1');
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return HIDDEN.test(text) ? undefined : text;
}

/** Control and format characters other than line feed and tab: invisible, or lost on the way through a clipboard. */
const HIDDEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Writes bytes (as Latin-1 text) as a format of printf(1), to stand in single quotes; `%` is doubled and a leading `-`
 * is no option.
 */
export function printfFormat(data: string): string {
  return data.replace(/^-|[^ "#$&()*+,\-./0-9:;<=>?@A-Z[\]^_a-z{|}~]/g, (character) => {
    if (character === '%') return '%%';
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
