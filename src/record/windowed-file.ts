import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file read through one window: neighbouring places, which is how they are asked for, cost one read. */
export type WindowedFile = {
  /** Bytes at a place; fewer where the file ends. A view or a copy: never to be written to. */
  read(offset: number, length: number): Buffer;
  /** Whether there is something at all places before this one. */
  reaches(end: number): boolean;
  /** Where the whole lines from the start are. */
  lines(): Iterable<Line>;
  close(): void;
};

/** A line without its newline; `head` is its first bytes, at most 32, however long it is. */
type Line = { readonly offset: number; readonly length: number; readonly head: Buffer };

const headBytes = 32;

// Small enough that what nobody reads any more goes with the young garbage.
const windowBytes = 128 * 1024;

/** Read at a place to which somebody has jumped, and as much as may be skipped without that being a jump. */
const jumpBytes = 8 * 1024;

/**
 * Opens a file that may still be growing.
 *
 * @param given its path, or a descriptor of it, which stays open afterwards
 * @throws what the disk says
 */
export function openWindowed(given: string | number): WindowedFile {
  const file = typeof given === 'number' ? given : openSync(given, 'r');
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  let size = 0;
  let ahead = jumpBytes;
  const fill = (offset: number, length: number) => {
    // What is wanted begins in the window, as a rule, and ends behind it.
    const goesOn = offset > start && offset < start + window.length + jumpBytes;
    // Folders are read one after another: there, most of a large window would be read for nothing.
    ahead = goesOn ? Math.min(2 * ahead, windowBytes) : jumpBytes;
    const wanted = Math.max(length, ahead);
    if (offset + wanted > size) size = fstatSync(file).size;
    // A new window each time: what was handed out before stays as it is.
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
  return {
    read(offset, length) {
      if (offset < start || offset + length > start + window.length) fill(offset, length);
      return window.subarray(offset - start, offset - start + length);
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
