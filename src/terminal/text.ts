import stringWidth from 'string-width';

/** Controls, formatting such as bidirectional overrides, lone surrogates, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** One column per character, including our ellipsis; most text matches and is measured quickly. */
const PLAIN = /^[\x20-\x7e…]*$/;

/**
 * Makes text from the wire safe for a terminal: characters that would move the cursor, change
 * colours or reverse the line are made visible. C0 controls become their Unicode pictures (U+2400
 * block), the others `\u{…}`.
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

/** Returns the number of columns of a text; wide characters take two. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Truncates text to a number of columns, in the middle, where URLs differ least. */
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

// The first characters that fit; a wide character that would only half fit is omitted.
function upTo(characters: readonly string[], columns: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += widthOf(character);
    return width > columns;
  });
  return characters.slice(0, end < 0 ? characters.length : end);
}

/** Pads text with spaces at the end to a number of columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Pads text with spaces at the start to a number of columns. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}
