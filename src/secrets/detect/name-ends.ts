/** The maximum length of a name. */
export const NAME_LENGTH = 64;

/** Whether a character may be part of a name: letters, digits, and `_ - . $`. */
export function isNameCharacter(code: number): boolean {
  return isNamePart(code) || code === 0x2e || code === 0x24;
}

/** Letters, digits, `_` and `-`. */
export function isNamePart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d
  );
}

/** Returns where the name at this position begins. An escape before it (`%26`, `\\n`) is not part of it. */
export function nameStart(text: string, from: number): number {
  let start = from;
  while (start > from - NAME_LENGTH && isNameCharacter(text.charCodeAt(start - 1))) {
    if (escapeBefore(text, start) > 0) return start;
    start -= 1;
  }
  return start;
}

/** Returns where the name at this position ends. */
export function nameEnd(text: string, from: number): number {
  let end = from;
  while (end < from + NAME_LENGTH && isNameCharacter(text.charCodeAt(end))) end += 1;
  return end;
}

const ESCAPE = /(?:%[0-9a-f]{2}|\\[nrtbf]|\\u[0-9a-f]{4})$/i;

/** The length of the escape that ends here: percent-encoding (RFC 3986, 2.1) or one of JSON (RFC 8259, 7). */
export function escapeBefore(text: string, at: number): number {
  const [second, third] = [text.charCodeAt(at - 2), text.charCodeAt(at - 3)];
  if (second !== 0x5c && third !== 0x25 && text.charCodeAt(at - 6) !== 0x5c) return 0;
  return ESCAPE.exec(text.slice(Math.max(0, at - 6), at))?.[0].length ?? 0;
}

/** Whether a word of a name begins there: behind no letter, at a capital behind a small letter, or at the last of several capitals. */
export function beginsWord(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (!isLetter(before) || escapeBefore(text, at) > 0) return true;
  if (isSmall(text.charCodeAt(at))) return false;
  return isSmall(before) || isSmall(text.charCodeAt(at + 1));
}

function isLetter(code: number): boolean {
  return isSmall(code | 0x20);
}

function isSmall(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
