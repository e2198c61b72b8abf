import { headerValue } from '../exchange.ts';
import type { Call, CallPlace } from './call.ts';
import { CallsByKey, type Candidate } from './calls-by-key.ts';
import { type Difference, differencesOf, type Ignored } from './differences.ts';
import { originAt } from './origin.ts';
import { type CallScope, RedactedCalls } from './redacted-calls.ts';
import { requestKeys } from './request-key.ts';
import { type AskedRequest, type RequestPart, requestParts } from './request-parts.ts';
import { SimilarCalls } from './similar-calls.ts';

export type CallIndexOptions = {
  /** What to ignore in a request. */
  readonly isIgnored: Ignored;
  /** A call requested more often than it was recorded is a miss; otherwise its last answer is repeated. */
  readonly once: boolean;
  /** Reads the request of a recorded call again. */
  readonly requestAt: (place: CallPlace) => Promise<AskedRequest>;
};

/** The result for a request: the position of the call to answer from, or why there is none. */
export type Match =
  | (CallPlace & { readonly kind: 'found' })
  | {
      readonly kind: 'missed';
      /** The request was recorded, but all of its answers were used. */
      readonly usedUp?: true;
    };

/** The recorded call most similar to a request. */
export type Nearest = {
  readonly method: string;
  readonly url: string;
  /** Empty if the calls differ only in method or host. */
  readonly differences: readonly Difference[];
};

/** The maximum number of calls to examine for the most similar one. */
const MOST_COMPARED = 50;

/** Finds the recorded call for a request, by method, URL and body. */
export class CallIndex {
  readonly #options: CallIndexOptions;
  readonly #calls: Call[] = [];
  #superseded = 0;
  readonly #exact = new CallsByKey();
  /** Calls with volatile values. */
  readonly #lasting = new CallsByKey();
  readonly #redacted = new RedactedCalls();
  readonly #origins = new Set<string>();
  /** Made for the first request that was not recorded. */
  #similar: SimilarCalls | undefined;

  constructor(options: CallIndexOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#calls.length - this.#superseded;
  }

  /** The number of calls that a later recording replaced. */
  get superseded(): number {
    return this.#superseded;
  }

  /** The recorded origins, in order of appearance: `https://api.example.com`. */
  get origins(): ReadonlySet<string> {
    return this.#origins;
  }

  /** Calls that were never requested, in order. */
  *unasked(): Iterable<{ readonly method: string; readonly url: string }> {
    for (const call of this.#calls) if (!call.answered && !call.isSuperseded) yield call;
  }

  /**
   * Adds a recorded call, after earlier ones with the same request.
   *
   * @param at a later recording replaces the answers of earlier ones to the same request
   */
  add(at: CallPlace, request: AskedRequest, status: number): void {
    const { method, url } = request;
    const parts = this.#recordedParts(request, status);
    const scope: CallScope = [method, originAt(url)];
    const { exact, lasting } = requestKeys(scope, parts);
    const { recording, place } = at;
    const isNotModified = status === 304;
    const state = { answered: false, isSuperseded: false };
    const call: Call = { recording, place, method, url, exact, isNotModified, ...state };
    this.#origins.add(scope[1]);
    this.#calls.push(call);
    for (const old of this.#exact.add(exact, call)) {
      old.isSuperseded = true;
      this.#superseded += 1;
    }
    if (lasting !== exact) this.#lasting.add(lasting, call);
    this.#redacted.add(scope, parts, call);
    this.#similar = undefined;
  }

  /** Finds the recorded call that answers a request, and marks it as requested. */
  match(request: AskedRequest): Match {
    const found = this.#find(request);
    if (found === undefined) return { kind: 'missed' };
    if (found.isUsed && this.#options.once) return { kind: 'missed', usedUp: true };
    found.call.answered = true;
    const { recording, place } = found.call;
    return { kind: 'found', recording, place };
  }

  /** The recorded call most similar to a request that was not recorded. */
  async nearest(request: AskedRequest): Promise<Nearest | undefined> {
    this.#similar ??= new SimilarCalls(this.#calls.filter(({ isSuperseded }) => !isSuperseded));
    const parts = this.#partsOf(request);
    let nearest: Nearest | undefined;
    let least = Number.POSITIVE_INFINITY;
    let left = MOST_COMPARED;
    for (const call of this.#similar.to(request.method, request.url)) {
      const { method, url } = call;
      const recorded = this.#partsOf(await this.#options.requestAt(call));
      const differences = differencesOf(recorded, parts, this.#options.isIgnored);
      const far = differences.length + (method === request.method ? 0 : 2);
      if (far < least) {
        nearest = { method, url, differences };
        least = far;
      }
      left -= 1;
      if (left === 0 || least === 0) break;
    }
    return nearest;
  }

  /** The call with the same request: equal, equal without volatile values, or equal without secrets. */
  #find(request: AskedRequest): Candidate | undefined {
    const { method, url } = request;
    const parts = this.#partsOf(request);
    const scope: CallScope = [method, originAt(url)];
    const isConditional = CONDITIONS.some((name) => headerValue(request.headers, name));
    const range = this.#rangeOf(request);
    // A recorded part of the content is better than one cut out of the whole.
    for (const asked of range.length > 0 ? [[...parts, ...range], parts] : [parts]) {
      const { exact, lasting } = requestKeys(scope, asked);
      const same =
        this.#exact.next(exact, isConditional) ?? this.#lasting.next(lasting, isConditional);
      if (same) return same;
    }
    return this.#redacted.next(scope, parts, isConditional);
  }

  /** @param status of the answer: a part of the content answers only those who ask for that part */
  #recordedParts(request: AskedRequest, status: number): RequestPart[] {
    const parts = this.#partsOf(request);
    return status === 206 ? [...parts, ...this.#rangeOf(request)] : parts;
  }

  #partsOf(request: AskedRequest): RequestPart[] {
    return requestParts(request).filter((part) => !this.#options.isIgnored(part));
  }

  #rangeOf({ headers }: AskedRequest): RequestPart[] {
    const value = headerValue(headers, 'range');
    if (value === undefined) return [];
    return [{ at: 'range', name: '', value }].filter((part) => !this.#options.isIgnored(part));
  }
}

const CONDITIONS = ['if-none-match', 'if-modified-since'];
