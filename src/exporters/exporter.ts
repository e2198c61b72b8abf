import { collectionOf } from '../analysis/items/events.ts';
import type { CollectionOptions, collectionDefaults } from '../analysis/options.ts';
import type { Collection, Family } from '../collection.ts';
import type { Loss } from '../document/losses.ts';
import type { Recording } from '../exchange.ts';

/** What is written: what crossed the wire, or what people keep. */
export type Source = Recording | Collection;

/** Tells a recording from a collection. */
export function isRecording(source: Source): source is Recording {
  return 'size' in source;
}

/** A collection as it is; a recording as one, which is analysed for that, where it was not for all outputs before. */
export function asCollection(source: Source, options: GivenOptions): Collection {
  return isRecording(source) ? collectionOf(source, options) : source;
}

/** What a format is told: what becomes of the recording, and what it needs of its own. */
export type ExportOptions = CollectionOptions & {
  /** Where it is written; the ending chooses between the spellings of a format that has several. */
  readonly path?: string;
  /** The values of variables that a collection names, for formats that have no variables. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Told of each thing in a collection that the format has no place for. */
  readonly onLoss?: (loss: Loss) => void;
};

/** Options as they are given: those with a usual value may be left out. */
export type GivenOptions = Omit<ExportOptions, keyof typeof collectionDefaults> &
  Partial<Pick<ExportOptions, keyof typeof collectionDefaults>>;

type Format = {
  readonly id: string;
  /** In lower case, with the dot; the longest that fits a path wins. A folder's is a slash. */
  readonly endings: readonly string[];
  /** What it is, in a few words. */
  readonly about: string;
  /** It holds what crossed the wire; of a collection the exchanges that a runner would have. */
  readonly reads?: 'exchanges';
  /** How a recording becomes the collection that it writes, where that is not as the options have it. */
  readonly asks?: Partial<CollectionOptions>;
  /** The versions of collections whose unknown fields it can hold. */
  readonly family?: Family;
  /** What a file gets that nobody named, where it is more than the first ending. */
  readonly usualEnding?: string;
  /** What runs it, to be suggested with its path and the environment: `npx newman run`. */
  readonly runner?: string;
  /** What runs it asks for an environment: the variables of secrets are written beside it even where they have no values. */
  readonly asksForEnvironment?: true;
};

/** A format that is one file. */
export type Exporter = Format & {
  /** Reads the recording once and in whatever order it comes, so that it can be written while it is made. */
  readonly live?: true;
  /** How the values of secrets are written beside it, where that is not as Postman reads them. */
  readonly environment?: Environment;
  /** Writes a recording or a collection, chunk by chunk; the same source and options give the same bytes. */
  render(source: Source, options: GivenOptions): AsyncIterable<string | Uint8Array>;
  /** Absent where nothing can be added to what is there. */
  readonly append?: {
    /**
     * @param shown what it is called in an error: its path
     * @throws UserError when a text is none of this format, to which something could be added
     */
    check(existing: string, shown: string): void;
    /**
     * Adds a recording or a collection: the whole text, with every character of what is there.
     *
     * @param shown what it is called in an error: its path
     */
    merge(existing: string, source: Source, options: GivenOptions, shown: string): Promise<string>;
  };
};

/** A format that is a folder. */
export type FolderExporter = Format & {
  /** Writes a recording or a collection, file by file; the same source and options give the same files. */
  renderFiles(source: Source, options: GivenOptions): AsyncIterable<RenderedFile>;
  /** The file by whose text a folder of this format is known. */
  readonly mark: { readonly path: string; isOurs(text: string): boolean };
  /** Whether files with such a path are the format's own. A folder with others in it is not replaced. */
  isOwn(path: string): boolean;
  /** Absent where nothing can be added to what is there. */
  readonly append?: {
    /** The endings of the files that have to be known. */
    readonly endings: readonly string[];
    /**
     * Writes the files that are new, and those to which something has to be added; others stay.
     *
     * @param existing what is there, by path
     */
    files(
      existing: ReadonlyMap<string, string>,
      source: Source,
      options: GivenOptions,
    ): AsyncIterable<RenderedFile>;
  };
};

export type RenderedFile = {
  /** Relative to the folder, with slashes; never outside of it. */
  readonly path: string;
  readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
};

/** A file with the values of secrets, by the names of their variables. */
type Environment = {
  /** What its name ends in, with the dot. */
  readonly ending: string;
  write(values: ReadonlyMap<string, string>): string;
};
