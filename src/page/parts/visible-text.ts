/** Controls, formatting such as bidirectional overrides, lone surrogates, line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same without line ends and tabs. */
const HIDDEN_IN_LINES = /\r(?!\n)|[^\P{Cc}\t\n\r]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** A fast test for plain text, which most text is. */
const PLAIN = /^[\x20-\x7e]*$/;

/** A piece of captured text: unchanged, or the code of an invisible character, such as `U+202E`. */
export type Piece = string | { readonly code: string };

/**
 * Splits captured text into pieces that can be shown unchanged and characters that are invisible or change the direction of
 * the text.
 * @param lines whether line ends and tabs are kept.
 */
export function visiblePieces(text: string, lines = false): Piece[] {
  if (PLAIN.test(text)) return [text];
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(lines ? HIDDEN_IN_LINES : HIDDEN)) {
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push({ code: codeOf(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Captured text as one string, with codes in place of invisible characters. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, codeOf);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
