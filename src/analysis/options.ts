import type { StatedTemplate } from './endpoints/path-templates.ts';
import type { Grouping } from './naming/grouping.ts';

/** How a recording becomes a collection. */
export type CollectionOptions = {
  /** The collection's name. */
  readonly name: string;
  /** Keep the 21 restricted headers and the families `Proxy-*` and `Sec-*`. */
  readonly restrictedHeaders: boolean;
  /** What becomes of secret values: `redact` and `env` put variables in their place. */
  readonly secrets: 'redact' | 'env' | 'keep';
  /** Further names of headers, query and form fields and JSON keys whose values are secret. */
  readonly redact?: readonly string[];
  /** Write identical requests once. */
  readonly dedupe: boolean;
  /** How requests are put into folders. */
  readonly group: Grouping;
  /** `requests`: an item for each distinct request; `endpoints`: one for each method and path template. */
  readonly shape: 'requests' | 'endpoints';
  /** Path templates that were stated outright. */
  readonly templates: readonly StatedTemplate[];
  /** Add scripts that assert what was recorded, and hand on what answers hand out. */
  readonly tests: boolean;
  /**
   * Say once who asks, where all requests of a folder or of the collection share it, and not in their headers. What is
   * added to a collection that is there has to say it for itself.
   */
  readonly sharedAuth: boolean;
  /**
   * Give items the calls that they were made of, and neither bodies nor examples, which only repeat what is in the calls:
   * the first call of each item, or all of them.
   */
  readonly calls?: 'first' | 'all';
  /** Write hosts as `{{baseUrl}}`, or one variable for each host. */
  readonly variables: boolean;
  /**
   * Stores bytes that have no place in the format beside the output; returns the path to write in. The name is derived
   * from the bytes and fit for a file system; the same bytes may come again under the same name. Absent when the output
   * is a stream.
   */
  readonly attach?: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Told once for each secret value that was replaced. */
  readonly onSecret?: (variable: string, value: string) => void;
};

/** What may be left out, as the command line has it. */
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

/** Options as they are given: those with a usual value may be left out. */
export type GivenCollectionOptions = Omit<CollectionOptions, keyof typeof collectionDefaults> &
  Partial<Pick<CollectionOptions, keyof typeof collectionDefaults>>;
