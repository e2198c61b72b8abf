import { fileURLToPath } from 'node:url';

/** A process environment: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy as a child process sees it: the URL, and the files for clients by their paths there. */
export type ProxyAccess = ClientFiles & {
  /** `http://127.0.0.1:8080`. */
  readonly proxyUrl: string;
  /** Hosts to which clients connect directly; none by default. */
  readonly direct?: readonly string[];
};

/** Files that clients read because they have no variable for the contents. */
export type ClientFiles = {
  /** PEM file with our CA alone, for variables that add trust. */
  readonly caFile: string;
  /** PEM file with every root and ours, for variables that replace trust. */
  readonly bundleFile: string;
  /** The folder of the files that ecosystems have written. */
  readonly folder: string;
  /** The folder of the files that programs load first: bin/preload. */
  readonly preloadFolder: string;
  /** SHA-256 of our CA's public key, base64, which Chromium takes instead of a file. */
  readonly spkiFingerprint: string;
};

/** One language or program, and the settings that send its traffic through the proxy. */
export type Ecosystem = {
  /**
   * Returns variables that replace the ambient ones; lists keep the ambient entries.
   * @param separator the separator between the folders of a list: `:`, on Windows `;`.
   */
  variables(ambient: Environment, access: ProxyAccess, separator: string): Record<string, string>;
  /** Writes files of its own into `folder`, which programs may see at another path (`seen`). */
  writeFiles?(folder: string, contents: FileContents): Promise<void>;
};

/** The sources for the files of ecosystems. */
type FileContents = {
  readonly ambient: Environment;
  /** The text of the bundle. */
  readonly bundle: string;
  readonly seen: ClientFiles;
  readonly direct: readonly string[];
};

/** The files that programs load first; the path is the same from `src` and from `dist`. */
export const PRELOAD_FOLDER = fileURLToPath(new URL('../../bin/preload', import.meta.url));

/** Appends a word to a variable, unless it is already there. */
export function withWord(ambient: string | undefined, word: string): string {
  if (!ambient) return word;
  return ` ${ambient} `.includes(` ${word} `) ? ambient : `${ambient} ${word}`;
}

/** Prepends a folder to a variable, unless it is already there. */
export function withFolder(ambient: string | undefined, folder: string, separator: string): string {
  if (!ambient) return folder;
  return ambient.split(separator).includes(folder) ? ambient : `${folder}${separator}${ambient}`;
}
