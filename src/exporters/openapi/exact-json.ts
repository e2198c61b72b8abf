/** Strings with their quotes, and numbers, in JSON text. A missing closing quote causes no backtracking. */
const TOKEN = /"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*/gs;

/**
 * Parses JSON with all digits of its integers: those that a JavaScript number cannot hold become bigints.
 *
 * @returns undefined for invalid JSON
 */
export function parseExactly(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!/\d{16}/.test(text)) return value;
    const mark = unusedMark(JSON.stringify(value));
    const marked = text.replace(TOKEN, (token) => (isInexact(token) ? `"${mark}${token}"` : token));
    if (marked === text) return value;
    return JSON.parse(marked, (_, one) =>
      typeof one === 'string' && one.startsWith(mark) ? BigInt(one.slice(mark.length)) : one,
    );
  } catch {
    return undefined;
  }
}

/** Writes a value as JSON with two spaces per level, and bigints as numbers. */
export function stringifyExactly(value: unknown): string {
  const plain = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one));
  const mark = unusedMark(plain);
  const toMarked = (_: string, one: unknown) => (typeof one === 'bigint' ? `${mark}${one}` : one);
  return JSON.stringify(value, toMarked, 2).replace(
    /"(exactly:+)(-?\d+)"/g,
    (text, used, digits) => (used === mark ? digits : text),
  );
}

function isInexact(token: string): boolean {
  return /^-?\d+$/.test(token) && String(Number(token)) !== token;
}

/** Returns a text without escapes that starts no string in this JSON. */
function unusedMark(json: string): string {
  let mark = 'exactly:';
  while (json.includes(`"${mark}`)) mark += ':';
  return mark;
}
