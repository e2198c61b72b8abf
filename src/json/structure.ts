const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Whether a byte is a bracket, a comma, a colon or a quote (RFC 8259, 2). */
const isStructure = new Uint8Array(256);
for (const byte of Buffer.from('[]{},:"')) isStructure[byte] = 1;

/**
 * The position of the first bracket, comma, colon or quote at or after `from`, which is outside of strings; the number of
 * bytes if there is none. This loop and the next one read every byte of a file, so they do nothing else.
 */
export function structureAt(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && isStructure[bytes[at] as number] === 0) at += 1;
  return at;
}

/** The position of the first quote or backslash at or after `from`, which is in a string; the number of bytes if there is none. */
export function stringMarkAt(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) at += 1;
  return at;
}
