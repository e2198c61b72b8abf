import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file read through one window: neighbouring places, which is how they are asked for, cost one read. */
export type WindowedFile = {
  /** Bytes at a place; fewer where the file ends. A view or a copy: never to be written to. */
  read(offset: number, length: number): Buffer;
  /** The whole lines from the start, without their newlines. */
  lines(): Iterable<Buffer>;
  close(): void;
};

// Small enough that what nobody reads any more goes with the young garbage.
const windowBytes = 128 * 1024;

/** Read at a place to which somebody has jumped, and as much as may be skipped without that being a jump. */
const jumpBytes = 8 * 1024;

/**
 * Opens a file that may still be growing.
 *
 * @throws what the disk says
 */
export function openWindowed(path: string): WindowedFile {
  const file = openSync(path, 'r');
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  let size = 0;
  let ahead = jumpBytes;
  const fill = (offset: number, length: number) => {
    // What is wanted begins in the window, as a rule, and ends behind it.
    const goesOn = offset > start && offset < start + window.length + jumpBytes;
    // Folders are read one after another: there, most of a large window would be read for nothing.
    ahead = goesOn ? Math.min(2 * ahead, windowBytes) : jumpBytes;
    if (offset + ahead > size) size = fstatSync(file).size;
    // A new window each time: what was handed out before stays as it is.
    const buffer = Buffer.allocUnsafeSlow(Math.max(length, Math.min(ahead, size - offset), 0));
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
    *lines() {
      const size = fstatSync(file).size;
      let carried: Buffer = Buffer.alloc(0);
      for (let offset = 0; offset < size; ) {
        const chunk = Buffer.allocUnsafe(Math.min(windowBytes, size - offset));
        const count = readSync(file, chunk, 0, chunk.length, offset);
        if (count === 0) break;
        offset += count;
        const text =
          carried.length > 0
            ? Buffer.concat([carried, chunk.subarray(0, count)])
            : chunk.subarray(0, count);
        let from = 0;
        for (let end = text.indexOf(10); end !== -1; end = text.indexOf(10, from)) {
          yield text.subarray(from, end);
          from = end + 1;
        }
        carried = text.subarray(from);
      }
    },
    close: () => closeSync(file),
  };
}
