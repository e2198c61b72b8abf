import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE, setModeSync } from '../../new-files.ts';
import { advance, type Cursor, type SegmentLine } from '../../record/journal-follower.ts';

/**
 * The line of the journal that each seq stands for, in a file beside the journal. Filters leave lines out and may change,
 * so the mapping cannot be computed again. It is written before an exchange is sent, so that every seq still means the same
 * exchange after a restart of either side.
 */
export type SeqFile = {
  /** The highest seq assigned so far; 0 for none. */
  readonly last: number;
  /** Moves a cursor behind the lines that have a seq. */
  skip(cursor: Cursor): void;
  /** The line of a seq, from 1 to `last`. */
  line(seq: number): SegmentLine;
  /** Assigns the next seqs to these lines, in order. */
  add(lines: readonly SegmentLine[]): void;
  close(): void;
};

/** 8 bits of segment, 40 of offset, 32 of length. */
const recordBytes = 10;

/** Opens or creates the file in a journal's folder. An incomplete last record, which a killed process leaves, is ignored. */
export function openSeqFile(folder: string): SeqFile {
  const file = openSync(join(folder, 'pushed'), constants.O_RDWR | constants.O_CREAT, PRIVATE);
  setModeSync(file, PRIVATE);
  let last = Math.floor(fstatSync(file).size / recordBytes);
  /** The lines that were added last. They are asked for next. */
  let latest: readonly SegmentLine[] = [];
  const line = (seq: number): SegmentLine => {
    const known = latest[seq - 1 - (last - latest.length)];
    if (known !== undefined) return known;
    const record = Buffer.alloc(recordBytes);
    readSync(file, record, 0, recordBytes, (seq - 1) * recordBytes);
    return {
      segment: record.readUInt8(0),
      offset: record.readUIntBE(1, 5),
      length: record.readUInt32BE(6),
    };
  };
  return {
    get last() {
      return last;
    },
    skip(cursor) {
      // The lines of a segment have their seqs in order, so the last one of each is enough.
      const missing = new Set(cursor.keys());
      for (let seq = last; seq > 0 && missing.size > 0; seq -= 1) {
        const latest = line(seq);
        if (missing.delete(latest.segment)) advance(cursor, latest);
      }
    },
    line,
    add(lines) {
      if (lines.length === 0) return;
      const records = Buffer.alloc(recordBytes * lines.length);
      for (const [i, { segment, offset, length }] of lines.entries()) {
        records.writeUInt8(segment, i * recordBytes);
        records.writeUIntBE(offset, i * recordBytes + 1, 5);
        records.writeUInt32BE(length, i * recordBytes + 6);
      }
      writeSync(file, records, 0, records.length, last * recordBytes);
      last += lines.length;
      latest = lines;
    },
    close: () => closeSync(file),
  };
}
