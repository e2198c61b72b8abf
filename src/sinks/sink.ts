/**
 * An outlet that follows a recording while it is made. A sink reads the journal through a follower of its own, so none can
 * slow the recording or another sink.
 */
export type Sink<Result = void> = {
  /**
   * Takes what is left of the recording, whose journal is complete, and ends. A second call waits for the same end.
   *
   * @returns what became of the recording in this sink
   */
  finish(deadline: Deadline): Promise<Result>;
};

/** How long the end of a recording waits for a sink. */
export type Deadline = {
  /** How long a sink may take that depends on another program, counted from now. */
  readonly graceMs: number;
  /** Aborted when nobody wants to wait any longer. */
  readonly hurry: AbortSignal;
};

/** A signal that is aborted at the deadline, whichever part of it comes first. */
export function deadlineSignal({ graceMs, hurry }: Deadline): AbortSignal {
  // Node 20 collects a combination of signals as garbage although it has listeners, and its abort never comes.
  const deadline = new AbortController();
  const pass = () => deadline.abort();
  setTimeout(pass, graceMs).unref();
  if (hurry.aborted) pass();
  else hurry.addEventListener('abort', pass, { once: true });
  return deadline.signal;
}
