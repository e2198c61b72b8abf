import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE, setModeSync } from '../../new-files.ts';
import { endOf } from '../../record/journal-follower.ts';
import type { LineRange } from '../../record/journal-reader.ts';

/**
 * The line of the journal that each seq stands for, in a file beside the journal. Filters leave lines out and may change,
 * so the mapping cannot be computed again. It is written before an exchange is sent, so that every seq still means the same
 * exchange after a restart of either side.
 */
export type SeqFile = {
  /** The highest seq assigned so far; 0 for none. */
  readonly last: number;
  /** The offset of the first line after the last one that has a seq. */
  readonly end: number;
  /** The line of a seq, from 1 to `last`. */
  line(seq: number): LineRange;
  /** Assigns the next seqs to these lines, in order. */
  add(lines: readonly LineRange[]): void;
  close(): void;
};

/** 48 bits of offset, 32 of length. */
const recordBytes = 10;

/** Opens or creates the file in a journal's folder. An incomplete last record, which a killed process leaves, is ignored. */
export function openSeqFile(folder: string): SeqFile {
  const file = openSync(join(folder, 'pushed'), constants.O_RDWR | constants.O_CREAT, PRIVATE);
  setModeSync(file, PRIVATE);
  let last = Math.floor(fstatSync(file).size / recordBytes);
  const line = (seq: number): LineRange => {
    const record = Buffer.alloc(recordBytes);
    readSync(file, record, 0, recordBytes, (seq - 1) * recordBytes);
    return { offset: record.readUIntBE(0, 6), length: record.readUInt32BE(6) };
  };
  let end = last === 0 ? 0 : endOf(line(last));
  return {
    get last() {
      return last;
    },
    get end() {
      return end;
    },
    line,
    add(lines) {
      const records = Buffer.alloc(recordBytes * lines.length);
      for (const [i, { offset, length }] of lines.entries()) {
        records.writeUIntBE(offset, i * recordBytes, 6);
        records.writeUInt32BE(length, i * recordBytes + 6);
      }
      writeSync(file, records, 0, records.length, last * recordBytes);
      last += lines.length;
      const latest = lines.at(-1);
      if (latest) end = endOf(latest);
    },
    close: () => closeSync(file),
  };
}
