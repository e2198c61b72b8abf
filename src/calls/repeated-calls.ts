import type { Call } from './call.ts';

/** The call that answers a request; `isUsed` if it has answered one before. */
export type Candidate = { readonly call: Call; readonly isUsed: boolean };

/** Recorded calls with the same request, in order. Those of a later recording replace those of earlier ones. */
export class RepeatedCalls {
  #recording = 0;
  #calls: Call[] = [];
  /** No call before these positions is still unanswered; the second position ignores 304 answers. */
  #next = 0;
  #nextWhole = 0;
  #lastWhole: Call | undefined;

  /**
   * Adds a call after the others.
   *
   * @param recording the number of its recording, which never decreases
   * @returns the calls that it replaces
   */
  add(call: Call, recording: number): readonly Call[] {
    const replaced = recording === this.#recording ? NONE : this.#calls;
    if (replaced.length > 0) {
      this.#calls = [];
      this.#next = 0;
      this.#nextWhole = 0;
      this.#lastWhole = undefined;
    }
    this.#recording = recording;
    this.#calls.push(call);
    if (!call.isNotModified) this.#lastWhole = call;
    return replaced;
  }

  /**
   * The next call in order that was not used, or the last one. A 304 answers an unconditional request only if there is no
   * other answer.
   */
  next(isConditional: boolean): Candidate | undefined {
    if (isConditional || this.#lastWhole === undefined) {
      while (this.#calls[this.#next]?.answered) this.#next += 1;
      return candidate(this.#calls[this.#next], this.#calls.at(-1));
    }
    while (isPassed(this.#calls[this.#nextWhole])) this.#nextWhole += 1;
    return candidate(this.#calls[this.#nextWhole], this.#lastWhole);
  }
}

const NONE: readonly Call[] = [];

function isPassed(call: Call | undefined): boolean {
  return call !== undefined && (call.answered || call.isNotModified);
}

function candidate(unused: Call | undefined, last: Call | undefined): Candidate | undefined {
  if (unused) return { call: unused, isUsed: false };
  return last && { call: last, isUsed: true };
}
