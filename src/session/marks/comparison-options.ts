/** How calls are judged. */
export type ComparisonOptions = {
  /** The recordings that calls are looked up in, as `pmproxy mock` does; empty for none. */
  readonly mock: readonly string[];
  /** The recording that calls are compared with, as `pmproxy diff` does. */
  readonly check?: string | undefined;
  /** Headers, parameters and JSON paths that may differ. */
  readonly ignore: readonly string[];
  /** The calls come from `pmproxy mock` itself. Its recordings are needed only to explain why it forwarded a call. */
  readonly areMocked?: true;
};
