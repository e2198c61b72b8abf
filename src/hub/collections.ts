import type { HarEntry } from '../har/types.ts';

/** Entries of a history, to be read as often as it takes. */
export type EntrySource = {
  readonly size: number;
  /** In the order in which they came, or those at the given indices (0 is the first) in the order given. */
  read(indices?: Iterable<number>): AsyncIterable<HarEntry>;
};

/** The collection files that a client fills; made where exporters are known. */
export type Collections = {
  /** Where they are, as it is shown. */
  readonly folder: string;
  /** Their names, in order. */
  list(): Promise<readonly string[]>;
  /**
   * Adds entries to a collection, new or there already.
   *
   * @returns how many items were added
   * @throws UserError, or what the disk throws; the file is then as it was
   */
  add(name: string, entries: EntrySource): Promise<number>;
};

/** What rows can be taken along as. */
export type Exports = {
  readonly [Name in 'har' | 'curl']: {
    /** With its parameters, for the answer's Content-Type. */
    readonly mediaType: string;
    readonly fileName: string;
    render(entries: EntrySource): AsyncIterable<string | Uint8Array>;
  };
};
