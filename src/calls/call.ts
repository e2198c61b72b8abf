/** The position of an exchange: the number of its recording, and its position there. */
export type CallPlace = { readonly recording: number; readonly place: number };

/** A summary of a recorded call: bodies stay on disk. */
export type Call = CallPlace & {
  readonly method: string;
  readonly url: string;
  /** The key of its whole request. */
  readonly exact: string;
  /** The answer was 304, which only helps clients that have the content. */
  readonly isNotModified: boolean;
  answered: boolean;
  /** A later recording has answers to the same request. */
  isSuperseded: boolean;
};
