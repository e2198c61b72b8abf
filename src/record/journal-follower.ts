import type { Exchange } from '../exchange.ts';
import { type JournalStore, type LinePlace, longestLine, openStore } from './journal-reader.ts';

/** Reads a journal in the order in which it is written, in which exchanges end; it holds none of them. */
export type JournalFollower = {
  /**
   * The first whole line at or behind a place.
   *
   * @param offset 0, or {@link behind} a line
   * @returns undefined while there is none; `Journal.whenWritten` tells when to ask again
   */
  next(offset: number): LinePlace | undefined;
  /**
   * The exchange whose line is there; its bodies are read when they are asked for.
   *
   * @throws UserError where the journal is damaged
   */
  at(place: LinePlace): Exchange;
  close(): void;
};

/** Where the line after this one begins. */
export function behind({ offset, length }: LinePlace): number {
  return offset + length + 1;
}

/**
 * Opens a journal that is being written, or has been. A line is written after its bodies, so whatever is found is whole.
 *
 * @throws UserError when the folder is no journal
 */
export function followJournal(folder: string): JournalFollower {
  const { index, at, close } = openStore(folder);
  return {
    next: (offset) => lineAt(index, offset),
    at: (place) => at(place, 'unchecked'),
    close,
  };
}

const usualBytes = 16 * 1024;

function lineAt(index: JournalStore['index'], offset: number): LinePlace | undefined {
  for (let size = usualBytes; ; size *= 4) {
    const bytes = index.read(offset, size);
    const length = bytes.indexOf(10);
    if (length !== -1) return { offset, length };
    if (bytes.length < size) return undefined;
    // Whoever asks what is there gets told that it is too long.
    if (size > longestLine) return { offset, length: size };
  }
}
