import type { HarEntry } from '../har/types.ts';

/** Entries of a history, which can be read several times. */
export type EntrySource = {
  readonly size: number;
  /** Reads the entries in order of arrival, or those at the given indices (0 is the first) in the given order. */
  read(indices?: Iterable<number>): AsyncIterable<HarEntry>;
};

/** The collection files that a client adds calls to. */
export type Collections = {
  /** The folder of the files, as it is shown. */
  readonly folder: string;
  /** The names of the collections, sorted. */
  list(): Promise<readonly string[]>;
  /**
   * Adds entries to a collection, and creates it if necessary.
   *
   * @returns how many items were added
   * @throws UserError, or an error of the file system; the file is then unchanged
   */
  add(name: string, entries: EntrySource): Promise<number>;
};

/** The formats that rows can be downloaded in. */
export type Exports = {
  readonly [Name in 'har' | 'curl']: {
    /** The value of the Content-Type header. */
    readonly mediaType: string;
    readonly fileName: string;
    render(entries: EntrySource): AsyncIterable<string | Uint8Array>;
  };
};
