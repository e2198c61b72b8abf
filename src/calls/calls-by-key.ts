import type { Call } from './call.ts';

/** The call that answers a request; `isUsed` if it has answered one before. */
export type Candidate = { readonly call: Call; readonly isUsed: boolean };

/** Recorded calls by the keys of their requests. Those of a later recording replace those of earlier ones. */
export class CallsByKey {
  // Most requests occur once, and a recording may have any number of them.
  readonly #calls = new Map<string, Call | RepeatedCalls>();

  /**
   * Adds a call after the others with its key.
   *
   * @param call of a recording that is not before those of other calls
   * @returns the calls that it replaces
   */
  add(key: string, call: Call): readonly Call[] {
    const known = this.#calls.get(key);
    if (known instanceof RepeatedCalls) return known.add(call);
    if (known === undefined) {
      this.#calls.set(key, call);
      return [];
    }
    const repeated = new RepeatedCalls(known);
    this.#calls.set(key, repeated);
    return repeated.add(call);
  }

  /**
   * The next call with this key that was not used, or the last one. A 304 answers an unconditional request only if there
   * is no other answer.
   */
  next(key: string, isConditional: boolean): Candidate | undefined {
    const known = this.#calls.get(key);
    if (known instanceof RepeatedCalls) return known.next(isConditional);
    return known && { call: known, isUsed: known.answered };
  }
}

/** Calls with the same key, in order. */
class RepeatedCalls {
  #calls: Call[];
  #lastWhole: Call | undefined;
  /** All calls before these positions were used; the second position passes 304 answers. */
  #next = 0;
  #nextWhole = 0;

  constructor(first: Call) {
    this.#calls = [first];
    this.#lastWhole = first.isNotModified ? undefined : first;
  }

  add(call: Call): readonly Call[] {
    const replaced = this.#calls.at(-1)?.recording === call.recording ? [] : this.#calls;
    if (replaced.length > 0) {
      this.#calls = [];
      this.#lastWhole = undefined;
    }
    this.#calls.push(call);
    if (!call.isNotModified) this.#lastWhole = call;
    return replaced;
  }

  next(isConditional: boolean): Candidate | undefined {
    if (isConditional || this.#lastWhole === undefined) {
      while (this.#calls[this.#next]?.answered) this.#next += 1;
      return candidate(this.#calls[this.#next], this.#calls.at(-1));
    }
    while (isPassed(this.#calls[this.#nextWhole])) this.#nextWhole += 1;
    return candidate(this.#calls[this.#nextWhole], this.#lastWhole);
  }
}

function isPassed(call: Call | undefined): boolean {
  return call !== undefined && (call.answered || call.isNotModified);
}

function candidate(unused: Call | undefined, last: Call | undefined): Candidate | undefined {
  if (unused) return { call: unused, isUsed: false };
  return last && { call: last, isUsed: true };
}
