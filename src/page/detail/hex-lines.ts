/** A line of a hex dump. */
export type HexLine = {
  /** The offset of its first byte: `0001f0`. */
  readonly offset: string;
  /** `47 45 54`, with a wider gap in the middle. */
  readonly hex: string;
  /** The bytes as ASCII, with a dot for those that are not printable. */
  readonly text: string;
};

/** The number of lines of a dump. */
export function hexLineCount(bytes: Uint8Array, perLine: number): number {
  return Math.ceil(bytes.length / perLine);
}

/** Makes one line of a dump. */
export function hexLine(bytes: Uint8Array, line: number, perLine: number): HexLine {
  const start = line * perLine;
  const part = [...bytes.subarray(start, start + perLine)];
  const digits = Math.max(6, (bytes.length - 1).toString(16).length);
  const pairs = part.map((byte) => byte.toString(16).padStart(2, '0'));
  const half = perLine / 2;
  return {
    offset: start.toString(16).padStart(digits, '0'),
    hex: [pairs.slice(0, half), pairs.slice(half)].map((some) => some.join(' ')).join('  '),
    text: part
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join(''),
  };
}
