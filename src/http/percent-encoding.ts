/** A text without percent-encoding, and the original offsets of its characters. */
export type DecodedText = {
  readonly text: string;
  /** For each UTF-16 unit of `text`, and its end, the offset in the encoded text. */
  readonly offsets: Uint32Array;
};

/**
 * Decodes percent-encoding (RFC 3986, 2.1).
 *
 * @param isForm decode a plus as a space (URL Standard, 5.1)
 * @returns undefined if there is nothing to decode, or the octets are not UTF-8
 */
export function decodedWithOffsets(encoded: string, isForm: boolean): DecodedText | undefined {
  if (!encoded.includes('%') && !(isForm && encoded.includes('+'))) return undefined;
  const offsets = new Uint32Array(encoded.length + 1);
  let text = '';
  try {
    for (const { 0: piece, index } of encoded.matchAll(/(?:%[0-9a-f]{2})+|%|[^%]+/gi)) {
      const isEncoded = piece.length > 1 && piece.startsWith('%');
      const decoded = isEncoded
        ? decodeURIComponent(piece)
        : isForm
          ? piece.replaceAll('+', ' ')
          : piece;
      let at = index;
      for (const character of decoded) {
        offsets.fill(at, text.length, text.length + character.length);
        text += character;
        at += isEncoded ? 3 * Buffer.byteLength(character) : character.length;
      }
    }
  } catch {
    return undefined;
  }
  offsets[text.length] = encoded.length;
  return { text, offsets: offsets.subarray(0, text.length + 1) };
}
