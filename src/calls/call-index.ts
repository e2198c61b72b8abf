import { headerValue } from '../exchange.ts';
import { parseTarget } from '../http/target.ts';
import { type Difference, differencesOf, type Ignored } from './differences.ts';
import { originAt } from './origin.ts';
import { exactKey, lastingKey } from './request-key.ts';
import { type AskedRequest, type RequestPart, requestParts } from './request-parts.ts';
import { hasVariable } from './volatile.ts';

export type CallIndexOptions = {
  /** What to ignore in a request. */
  readonly isIgnored: Ignored;
  /** A call requested more often than it was recorded is a miss; otherwise its last answer is repeated. */
  readonly once: boolean;
  /** Reads the request of a recorded call again. */
  readonly requestAt: (place: number) => Promise<AskedRequest>;
};

/** The result for a request: the position of the call to answer from, or why there is none. */
export type Match =
  | { readonly kind: 'found'; readonly place: number }
  | {
      readonly kind: 'missed';
      /** The recorded call most similar to the request. */
      readonly nearest?: Nearest;
      /** The request was recorded, but all of its answers were used. */
      readonly usedUp?: true;
    };

export type Nearest = {
  readonly place: number;
  readonly method: string;
  readonly url: string;
  /** Undefined if the calls differ only in method or host. */
  readonly differences: readonly Difference[];
};

/** A summary of a recorded call: bodies stay on disk. */
type Call = {
  readonly place: number;
  readonly method: string;
  readonly url: string;
  readonly origin: string;
  /** Without the query. */
  readonly path: string;
  /** The whole request. */
  readonly exact: string;
  /** Without volatile values. */
  readonly lasting: string;
  /** A secret was removed from it. */
  readonly isRedacted: boolean;
  /** The answer was 304, which only helps clients that have the content. */
  readonly isNotModified: boolean;
  answered: boolean;
};

/** The maximum number of calls to examine for the most similar one. */
const MOST_COMPARED = 50;
const MOST_REDACTED = 500;

/** Finds the recorded call for a request, by method, URL and body. */
export class CallIndex {
  readonly #options: CallIndexOptions;
  #calls: Call[] = [];
  readonly #exact = new Map<string, Call[]>();
  readonly #lasting = new Map<string, Call[]>();
  /** Calls with removed secrets, by method and number of segments. */
  readonly #redacted = new Map<string, Call[]>();
  readonly #origins = new Set<string>();

  constructor(options: CallIndexOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** The recorded origins, in order of appearance: `https://api.example.com`. */
  get origins(): ReadonlySet<string> {
    return this.#origins;
  }

  /** Calls that were never requested, in order. */
  *unasked(): Iterable<{ readonly place: number; readonly method: string; readonly url: string }> {
    for (const call of this.#calls) if (!call.answered) yield call;
  }

  /** Adds a recorded call, after earlier ones with the same request. */
  add(place: number, request: AskedRequest, status: number): void {
    const parts = this.#recordedParts(request, status);
    const origin = originAt(request.url);
    const call: Call = {
      place,
      method: request.method,
      url: request.url,
      origin,
      path: parseTarget(request.url).path,
      exact: exactKey([request.method, origin], parts),
      lasting: lastingKey([request.method, origin], parts),
      isRedacted: parts.some(({ value }) => hasVariable(value)),
      isNotModified: status === 304,
      answered: false,
    };
    this.#origins.add(origin);
    this.#calls.push(call);
    put(this.#exact, call.exact, call);
    put(this.#lasting, call.lasting, call);
    if (call.isRedacted) put(this.#redacted, roughKey(call.method, call.url), call);
  }

  /**
   * Removes the calls with the same requests as these, which a later recording replaces.
   *
   * @returns the number of removed calls
   */
  supersede(later: Iterable<{ readonly request: AskedRequest; readonly status: number }>): number {
    const old = new Set<Call>();
    for (const { request, status } of later) {
      const parts = this.#recordedParts(request, status);
      const origin = originAt(request.url);
      const key = exactKey([request.method, origin], parts);
      for (const call of this.#exact.get(key) ?? []) old.add(call);
      this.#exact.delete(key);
    }
    if (old.size === 0) return 0;
    const keep = (calls: readonly Call[]) => calls.filter((call) => !old.has(call));
    for (const map of [this.#lasting, this.#redacted])
      for (const [at, calls] of map) {
        const kept = keep(calls);
        if (kept.length > 0) map.set(at, kept);
        else map.delete(at);
      }
    this.#calls = keep(this.#calls);
    return old.size;
  }

  /** Finds the recorded call that answers a request, and marks it as requested. */
  async match(request: AskedRequest): Promise<Match> {
    const parts = this.#partsOf(request);
    const alike = usable(await this.#alike(request, parts), request);
    if (alike.length === 0) {
      const nearest = await this.#nearest(request, parts);
      return { kind: 'missed', ...(nearest && { nearest }) };
    }
    const call = alike.find(({ answered }) => !answered);
    if (call === undefined && this.#options.once) return { kind: 'missed', usedUp: true };
    const found = call ?? (alike.at(-1) as Call);
    found.answered = true;
    return { kind: 'found', place: found.place };
  }

  /** The calls with the same request: equal, equal without volatile values, or equal without secrets. */
  async #alike(request: AskedRequest, parts: readonly RequestPart[]): Promise<readonly Call[]> {
    const origin = originAt(request.url);
    const scope = [request.method, origin];
    const range = this.#rangeOf(request);
    // A recorded part of the content is better than one cut out of the whole.
    for (const asked of range.length > 0 ? [[...parts, ...range], parts] : [parts]) {
      const same =
        this.#exact.get(exactKey(scope, asked)) ?? this.#lasting.get(lastingKey(scope, asked));
      if (same) return same;
    }
    return this.#redactedLike(request, origin, parts);
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

  async #redactedLike(
    { method, url }: AskedRequest,
    origin: string,
    parts: readonly RequestPart[],
  ): Promise<Call[]> {
    const candidates = this.#redacted.get(roughKey(method, url))?.slice(0, MOST_REDACTED) ?? [];
    const alike: Call[] = [];
    for (const call of candidates) {
      if (call.origin !== origin) continue;
      const differences = await this.#differencesFrom(call, parts);
      if (differences.length === 0) alike.push(call);
    }
    return alike;
  }

  async #differencesFrom(call: Call, parts: readonly RequestPart[]): Promise<Difference[]> {
    const recorded = this.#partsOf(await this.#options.requestAt(call.place));
    return differencesOf(recorded, parts, this.#options.isIgnored);
  }

  async #nearest(
    request: AskedRequest,
    parts: readonly RequestPart[],
  ): Promise<Nearest | undefined> {
    const likely = this.#mostAlike(request);
    let nearest: (Nearest & { readonly far: number }) | undefined;
    for (const call of likely) {
      const differences = await this.#differencesFrom(call, parts);
      const far = differences.length + (call.method === request.method ? 0 : 2);
      if (nearest && nearest.far <= far) continue;
      nearest = { place: call.place, method: call.method, url: call.url, differences, far };
    }
    return nearest;
  }

  /** The calls with the most similar method and path, one for each URL, best first. */
  #mostAlike(request: AskedRequest): Call[] {
    const likeness = likenessTo(request);
    // Scores are small numbers, so that calls need not be sorted.
    const byScore: Call[][] = [];
    for (const call of this.#calls) {
      const score = likeness(call);
      if (score === 0) continue;
      byScore[score] ??= [];
      byScore[score].push(call);
    }
    const likely = new Map<string, Call>();
    for (let score = byScore.length - 1; score > 0 && likely.size < MOST_COMPARED; score -= 1)
      for (const call of byScore[score] ?? []) {
        if (likely.size >= MOST_COMPARED) break;
        if (!likely.has(call.exact)) likely.set(call.exact, call);
      }
    return [...likely.values()];
  }
}

/** Drops 304 answers if the request is not conditional and another answer exists. */
function usable(calls: readonly Call[], { headers }: AskedRequest): readonly Call[] {
  const isConditional = ['if-none-match', 'if-modified-since'].some(
    (name) => headerValue(headers, name) !== undefined,
  );
  const whole = isConditional ? calls : calls.filter(({ isNotModified }) => !isNotModified);
  return whole.length > 0 ? whole : calls;
}

function put(map: Map<string, Call[]>, key: string, call: Call): void {
  const calls = map.get(key);
  if (calls) calls.push(call);
  else map.set(key, [call]);
}

function roughKey(method: string, url: string): string {
  return `${method} ${parseTarget(url).path.split('/').length}`;
}

/** Scores the similarity of calls to a request by method, host and path; 0 if nothing matches. */
function likenessTo({ method, url }: AskedRequest): (call: Call) => number {
  const others = parseTarget(url).path.split('/').slice(1);
  const origin = originAt(url);
  return (call) => {
    const segments = call.path.split('/').slice(1);
    const same = segments.filter((segment, index) => segment === others[index]).length;
    const shape = segments.length === others.length ? 1 : 0;
    const isSameHost = call.origin === origin;
    if (same === 0 && !isSameHost) return 0;
    return same * 4 + shape * 3 + (call.method === method ? 4 : 0) + (isSameHost ? 6 : 0);
  };
}
