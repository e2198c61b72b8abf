import stringWidth from 'string-width';

/** Controls, formatting such as bidirectional overrides, lone surrogates, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** One column a character, an ellipsis of our own included; most text is, and is quickly measured. */
const PLAIN = /^[\x20-\x7e…]*$/;

/**
 * Text that came over the wire, fit for a terminal: what would move the cursor, change colours or
 * turn the line around is shown instead of done. C0 controls become their Unicode pictures (U+2400
 * block), the rest `\u{…}`.
 */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(INVISIBLE, picture);
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `\\u{${code.toString(16)}}`;
}

/** How many columns text takes; wide characters take two. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text cut to at most so many columns, in the middle, where URLs differ least. */
export function shorten(text: string, columns: number): string {
  if (columns < 1) return '';
  if (widthOf(text) <= columns) return text;
  const head = Math.floor(columns / 2);
  const tail = columns - head - 1;
  if (PLAIN.test(text)) return `${text.slice(0, head)}…${text.slice(text.length - tail)}`;
  const characters = segments(text);
  const start = upTo(characters, head).join('');
  const end = upTo(characters.toReversed(), tail).toReversed();
  return `${start}…${end.join('')}`;
}

function segments(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

// The first characters that fit; a wide one that would stick out by half is left out.
function upTo(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += widthOf(character);
    return width > columns;
  });
  return characters.slice(0, end < 0 ? characters.length : end);
}

/** Text with spaces after it up to so many columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Text with spaces before it up to so many columns. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}
