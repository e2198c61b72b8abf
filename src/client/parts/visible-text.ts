/** Controls, formatting such as bidirectional overrides, lone surrogates, line separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** The same, where lines and tabs may do what they are for. */
const HIDDEN_IN_LINES = /\r(?!\n)|[^\P{Cc}\t\n\r]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Most text is plain, and is quickly told. */
const PLAIN = /^[\x20-\x7e]*$/;

/** A piece of captured text: as it is, or a character that would not be seen and what stands for it. */
export type Piece = string | { readonly sign: string; readonly name: string };

/**
 * Cuts captured text into what can be shown as it is and what would be invisible or would turn the line around. C0
 * controls become their Unicode pictures (U+2400 block), the rest `U+202E`.
 * @param lines whether line ends and tabs are left alone.
 */
export function visiblePieces(text: string, lines = false): Piece[] {
  if (PLAIN.test(text)) return [text];
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(lines ? HIDDEN_IN_LINES : HIDDEN)) {
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push(signOf(match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Captured text with signs in place of what cannot be seen, as one string. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return visiblePieces(text)
    .map((piece) => (typeof piece === 'string' ? piece : piece.sign))
    .join('');
}

function signOf(character: string): Piece {
  const code = character.codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 0x20) return { sign: String.fromCodePoint(0x2400 + code), name };
  return code === 0x7f ? { sign: '\u2421', name } : { sign: name, name };
}
