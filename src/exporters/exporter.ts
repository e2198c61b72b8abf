import type { CollectionOptions, collectionDefaults } from '../analysis/options.ts';
import type { Collection, Family } from '../collection.ts';
import type { Loss } from '../document/losses.ts';
import type { Recording } from '../exchange.ts';

/** The source of an output: recorded traffic, or a collection. */
export type Source = Recording | Collection;

/** Tells a recording from a collection. */
export function isRecording(source: Source): source is Recording {
  return 'size' in source;
}

/** Options for a format: how a recording is converted, and the format's own settings. */
export type ExportOptions = CollectionOptions & {
  /** The output path; its ending selects the variant of a format that has several. */
  readonly path?: string;
  /** The values of a collection's variables, for formats without variables. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Called for each part of a collection that the format cannot hold. */
  readonly onLoss?: (loss: Loss) => void;
};

/** Options as given: those with a default may be omitted. */
export type GivenOptions = Omit<ExportOptions, keyof typeof collectionDefaults> &
  Partial<Pick<ExportOptions, keyof typeof collectionDefaults>>;

/** What is known of a format before it is used. What writes it is loaded when it is used: most runs write one format. */
type Format = {
  readonly id: string;
  /** In lower case, with the dot; the longest match wins. A folder's ending is a slash. */
  readonly endings: readonly string[];
  /** A short description. */
  readonly about: string;
  /** The format holds exchanges; a collection is converted to those that a runner would produce. */
  readonly reads?: 'exchanges';
  /** Conversion options that override the given ones. */
  readonly asks?: Partial<CollectionOptions>;
  /** The format has items for WebSockets. Any other format gets collections without them, and the loss is reported. */
  readonly sockets?: true;
  /** The collection versions whose unknown fields the format can hold. */
  readonly family?: Family;
  /** The ending of a default file name, if it is longer than the first ending. */
  readonly usualEnding?: string;
  /** The command that runs the file, suggested with its path and environment: `npx newman run`. */
  readonly runner?: string;
  /** The runner requires an environment: secret variables are written beside the file even without values. */
  readonly asksForEnvironment?: true;
};

/** A single-file format. */
export type Exporter = Format & {
  /** The exporter reads the recording once, in order of arrival, so that it can write during recording. */
  readonly live?: true;
  /** How secret values are written beside the file, if not in Postman's format. */
  readonly environment?: Environment;
  /** Writes a recording or a collection, chunk by chunk; the same source and options give the same bytes. */
  render(source: Source, options: GivenOptions): AsyncIterable<string | Uint8Array>;
  /** Absent if the format does not support appending. */
  readonly append?: {
    /**
     * @param shown its name in errors: its path
     * @throws UserError if a text is not in this format or cannot be added to
     */
    check(existing: string, shown: string): Promise<void>;
    /**
     * Adds a recording or a collection; returns the whole text, with every existing character.
     *
     * @param shown its name in errors: its path
     */
    merge(existing: string, source: Source, options: GivenOptions, shown: string): Promise<string>;
  };
};

/** A folder format. */
export type FolderExporter = Format & {
  /** Writes a recording or a collection, file by file; the same source and options give the same files. */
  renderFiles(source: Source, options: GivenOptions): AsyncIterable<RenderedFile>;
  /** The file whose text identifies a folder of this format. */
  readonly mark: { readonly path: string; isOurs(text: string): Promise<boolean> };
  /** Whether a path belongs to the format. A folder with other files is not replaced. */
  isOwn(path: string): boolean;
  /** Absent if the format does not support appending. */
  readonly append?: {
    /** The endings of the existing files to read. */
    readonly endings: readonly string[];
    /**
     * Writes new files, and existing files with additions; others stay.
     *
     * @param existing the existing files' texts by path
     */
    files(
      existing: ReadonlyMap<string, string>,
      source: Source,
      options: GivenOptions,
    ): AsyncIterable<RenderedFile>;
  };
};

export type RenderedFile = {
  /** Relative to the folder, with slashes; never outside the folder. */
  readonly path: string;
  readonly chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
};

/** A file of secret values by variable name. */
type Environment = {
  /** The ending of its name, with the dot. */
  readonly ending: string;
  write(values: ReadonlyMap<string, string>): string;
};
