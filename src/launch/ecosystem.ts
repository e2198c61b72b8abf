import { fileURLToPath } from 'node:url';

/** A process environment: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a child process needs to know of the proxy: its URL and the files for clients, by the paths at which it sees them. */
export type ProxyAccess = ClientFiles & {
  /** `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** Hosts to which clients connect directly; none unless told. */
  readonly direct?: readonly string[];
};

/** Files that clients read, because they know no variable for what is in them. */
export type ClientFiles = {
  /** PEM file with our CA alone, for variables that add trust. */
  readonly caFile: string;
  /** PEM file with every root and ours, for variables that replace trust. */
  readonly bundleFile: string;
  /** The folder of the files that ecosystems have written. */
  readonly folder: string;
  /** The folder of what programs load first: bin/preload. */
  readonly preloadFolder: string;
  /** SHA-256 of our CA's public key, base64: what Chromium takes in place of a file. */
  readonly spkiFingerprint: string;
};

/** One language or program, and what sends its traffic through the proxy. */
export type Ecosystem = {
  /**
   * Variables that go over what was there; values that are lists keep what the ambient ones hold.
   * @param separator what stands between the folders of a list: `:`, on Windows `;`.
   */
  variables(ambient: Environment, access: ProxyAccess, separator: string): Record<string, string>;
  /** Writes files of its own into `folder`, which programs may see at another path (`seen`). */
  writeFiles?(folder: string, contents: FileContents): Promise<void>;
};

/** What the files of ecosystems are made of. */
type FileContents = {
  readonly ambient: Environment;
  /** The text of the bundle. */
  readonly bundle: string;
  readonly seen: ClientFiles;
  readonly direct: readonly string[];
};

/** What programs load first; the same path from `src` and from `dist`. */
export const PRELOAD_FOLDER = fileURLToPath(new URL('../../bin/preload', import.meta.url));

/** Puts a word behind those of a variable, unless it is there. */
export function withWord(ambient: string | undefined, word: string): string {
  if (!ambient) return word;
  return ` ${ambient} `.includes(` ${word} `) ? ambient : `${ambient} ${word}`;
}

/** Puts a folder ahead of those in a variable, unless it is there. */
export function withFolder(ambient: string | undefined, folder: string, separator: string): string {
  if (!ambient) return folder;
  return ambient.split(separator).includes(folder) ? ambient : `${folder}${separator}${ambient}`;
}
