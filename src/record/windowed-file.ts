import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file that is read through one window. Readers ask for neighbouring ranges, which then take a single read. */
export type WindowedFile = {
  /** The bytes of a range, fewer at the end of the file. They may be a view, so they must not be written to. */
  read(offset: number, length: number): Buffer;
  /**
   * The length of the line that begins at an offset, without its newline.
   *
   * @param most where to stop looking
   * @returns undefined while the line is incomplete; more than `most` for a longer line
   */
  lineLength(offset: number, most: number): number | undefined;
  /** Whether the file has at least this many bytes. */
  reaches(end: number): boolean;
  /** The positions of all complete lines, from the start. */
  lines(): Iterable<Line>;
  close(): void;
};

/** The position of a line without its newline. `head` is its first bytes, at most 32. */
type Line = { readonly offset: number; readonly length: number; readonly head: Buffer };

const headBytes = 32;

// Small enough that an unused window is collected with the young generation.
const windowBytes = 128 * 1024;

/** Most lines are shorter. */
const usualLine = 4 * 1024;

/** The size of a read after a jump, and the largest gap that does not count as a jump. */
const jumpBytes = 8 * 1024;

/**
 * Opens a file that may still be growing.
 *
 * @param given its path, or a descriptor of it, which stays open afterwards
 * @throws the error of the file system
 */
export function openWindowed(given: string | number): WindowedFile {
  const file = typeof given === 'number' ? given : openSync(given, 'r');
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  let size = 0;
  let ahead = jumpBytes;
  const fill = (offset: number, length: number) => {
    // A range usually begins in the window and ends after it.
    const goesOn = offset > start && offset < start + window.length + jumpBytes;
    // After a jump most of a large window would not be used.
    ahead = goesOn ? Math.min(2 * ahead, windowBytes) : jumpBytes;
    const wanted = Math.max(length, ahead);
    if (offset + wanted > size) size = fstatSync(file).size;
    // Each window has a new buffer, so views of earlier ones stay valid.
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(wanted, size - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    window = buffer.subarray(0, filled);
    start = offset;
  };
  const read = (offset: number, length: number) => {
    if (offset < start || offset + length > start + window.length) fill(offset, length);
    return window.subarray(offset - start, offset - start + length);
  };
  return {
    read,
    lineLength(offset, most) {
      if (offset >= start && offset < start + window.length) {
        const end = window.indexOf(10, offset - start);
        if (end !== -1) return end - (offset - start);
      }
      if (offset >= size) {
        size = fstatSync(file).size;
        // The lines before this one are about to be read, so the window is left as it is.
        if (offset >= size) return undefined;
      }
      for (let wanted = usualLine; ; wanted *= 4) {
        const bytes = read(offset, wanted);
        const length = bytes.indexOf(10);
        if (length !== -1) return length;
        if (bytes.length < wanted) return undefined;
        if (wanted > most) return wanted;
      }
    },
    reaches(end) {
      if (end > size) size = fstatSync(file).size;
      return end <= size;
    },
    *lines() {
      const chunk = Buffer.allocUnsafe(windowBytes);
      const head = Buffer.alloc(headBytes);
      let filled = 0;
      let line = 0;
      for (let offset = 0; ; ) {
        const count = readSync(file, chunk, 0, chunk.length, offset);
        if (count === 0) return;
        const bytes = chunk.subarray(0, count);
        let from = 0;
        for (;;) {
          const end = bytes.indexOf(10, from);
          const rest = bytes.subarray(from, end === -1 ? count : end);
          filled += rest.copy(head, filled);
          if (end === -1) break;
          const length = offset + end - line;
          yield { offset: line, length, head: head.subarray(0, filled) };
          line = offset + end + 1;
          from = end + 1;
          filled = 0;
        }
        offset += count;
      }
    },
    close() {
      if (typeof given === 'string') closeSync(file);
    },
  };
}
