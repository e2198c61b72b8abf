import { isUtf8 } from 'node:buffer';

/** A piece of a shell word: data bytes as Latin-1 text, or the value of a variable. */
export type Piece = string | { readonly variable: string; readonly required?: true };

/**
 * Writes one word of a POSIX shell's command line (Shell Command Language, 2.2). Data is quoted so that the shell
 * interprets only the variables.
 *
 * @param pieces data without NUL, which no argument can hold, and without a trailing line break if it has bytes that
 *   cannot be shown
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

/** Excludes `"`, `$`, a backquote, a backslash and (for an interactive shell) `!`. */
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

/** The text of these bytes, if it can be written in a script and copied from it without loss. */
export function shownText(data: string): string | undefined {
  const bytes = Buffer.from(data, 'latin1');
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return HIDDEN.test(text) ? undefined : text;
}

/** Control and format characters other than line feed and tab: invisible, or lost in a clipboard. */
const HIDDEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Writes bytes (as Latin-1 text) as a printf(1) format for single quotes; `%` is doubled and a leading `-` is not read as
 * an option.
 */
export function printfFormat(data: string): string {
  return data.replace(/^-|[^ "#$&()*+,\-./0-9:;<=>?@A-Z[\]^_a-z{|}~]/g, (character) => {
    if (character === '%') return '%%';
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
}
