/** A summary of a recorded call: bodies stay on disk. */
export type Call = {
  readonly place: number;
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
