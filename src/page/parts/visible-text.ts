/** Controls, formatting such as bidirectional overrides, lone surrogates, line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same, where lines and tabs may do what they are for. */
const HIDDEN_IN_LINES = /\r(?!\n)|[^\P{Cc}\t\n\r]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Most text is plain, and is quickly told. */
const PLAIN = /^[\x20-\x7e]*$/;

/** A piece of captured text: as it is, or the code of a character that would not be seen, `U+202E`. */
export type Piece = string | { readonly code: string };

/**
 * Cuts captured text into what can be shown as it is and what would be invisible or would turn the line around.
 * @param lines whether line ends and tabs are left alone.
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

/** Captured text with codes in place of what cannot be seen, as one string. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, codeOf);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
