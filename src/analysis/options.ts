import type { StatedTemplate } from './endpoints/path-templates.ts';
import type { Grouping } from './naming/grouping.ts';

/** Options for turning a recording into a collection. */
export type CollectionOptions = {
  /** The collection's name. */
  readonly name: string;
  /** Keep the 21 restricted headers and the families `Proxy-*` and `Sec-*`. */
  readonly restrictedHeaders: boolean;
  /** The treatment of secret values: `redact` and `env` replace them with variables. */
  readonly secrets: 'redact' | 'env' | 'keep';
  /** Further names of headers, query and form fields and JSON keys whose values are secret. */
  readonly redact?: readonly string[];
  /** Write identical requests once. */
  readonly dedupe: boolean;
  /** How requests are grouped into folders. */
  readonly group: Grouping;
  /** `requests`: an item for each distinct request; `endpoints`: one for each method and path template. */
  readonly shape: 'requests' | 'endpoints';
  /** Path templates given by the user. */
  readonly templates: readonly StatedTemplate[];
  /** Add scripts that assert the recorded responses and pass on values that responses issue. */
  readonly tests: boolean;
  /**
   * Write authentication once, if all requests of a folder or the collection share it, instead of in their headers.
   * Requests added to an existing collection must carry their own.
   */
  readonly sharedAuth: boolean;
  /**
   * Give items their recorded calls, and neither bodies nor examples, which would only repeat the calls:
   * the first call of each item, or all of them.
   */
  readonly calls?: 'first' | 'all';
  /** Give WebSockets items of their own. Without it, the collection's description lists them. */
  readonly sockets?: true;
  /** Write hosts as `{{baseUrl}}`, or one variable for each host. */
  readonly variables: boolean;
  /**
   * Stores bytes that the format cannot hold beside the output; returns the path to write. The name is derived
   * from the bytes and valid in a file system; the same bytes may be stored again under the same name. Absent if the output
   * is a stream.
   */
  readonly attach?: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Called once for each secret value that was replaced. */
  readonly onSecret?: (variable: string, value: string) => void;
};

/** Defaults, as on the command line. */
export const collectionDefaults = {
  restrictedHeaders: false,
  secrets: 'redact',
  dedupe: true,
  group: 'auto',
  shape: 'requests',
  templates: [],
  tests: false,
  sharedAuth: false,
  variables: true,
} as const satisfies Partial<CollectionOptions>;

/** Options as given: those with a default may be omitted. */
export type GivenCollectionOptions = Omit<CollectionOptions, keyof typeof collectionDefaults> &
  Partial<Pick<CollectionOptions, keyof typeof collectionDefaults>>;
