import { parseTarget } from '../http/target.ts';
import type { Call } from './call.ts';
import { originAt } from './origin.ts';

/** The calls whose paths begin with the same segments. */
type Branch = { readonly branches: Map<string, Branch>; calls: Call[] };

/** A branch on the way to similar calls. */
type Step = {
  readonly branch: Branch;
  readonly depth: number;
  /** The number of segments until here that are equal to those of the request. */
  readonly same: number;
  readonly isSameHost: boolean;
};

/** What a common property counts. */
const SCORE = { segment: 4, length: 3, method: 4, host: 6 } as const;

/** The limits of a search: of all branches, of branches beside the equal one, of calls with one path. */
const MOST_STEPS = 2000;
const MOST_BESIDE = 50;
const MOST_CALLS = 200;

/** Recorded calls by host and path, to find those most similar to a request without looking at all of them. */
export class SimilarCalls {
  readonly #hosts = new Map<string, Branch>();

  constructor(calls: Iterable<Call>) {
    for (const call of calls) this.#add(call);
  }

  #add(call: Call): void {
    let branch = branchAt(this.#hosts, originAt(call.url));
    for (const segment of segmentsOf(call.url)) branch = branchAt(branch.branches, segment);
    if (branch.calls.length < MOST_CALLS) branch.calls.push(call);
  }

  /** The calls with the most similar method, host and path, best first, one for each request. */
  *to(method: string, url: string): Generator<Call> {
    const others = segmentsOf(url);
    const origin = originAt(url);
    const queue = new Queue<Step | Call>();
    for (const [host, branch] of preferring(origin, this.#hosts)) {
      const isSameHost = host === origin;
      const step = { branch, depth: 0, same: 0, isSameHost };
      queue.add(mostPossible(step, others.length), step);
    }
    const seen = new Set<string>();
    for (let left = MOST_STEPS; left > 0; left -= 1) {
      const next = queue.take();
      if (next === undefined) return;
      if (!('branch' in next)) {
        if (!seen.has(next.exact)) yield next;
        seen.add(next.exact);
        continue;
      }
      const { branch, depth, same, isSameHost } = next;
      if (same > 0 || isSameHost) {
        const length = depth === others.length ? SCORE.length : 0;
        const score = same * SCORE.segment + length + (isSameHost ? SCORE.host : 0);
        for (const call of branch.calls)
          queue.add(score + (call.method === method ? SCORE.method : 0), call);
      }
      for (const [segment, after] of preferring(others[depth], branch.branches)) {
        const isSame = segment === others[depth];
        const step = { branch: after, depth: depth + 1, same: same + Number(isSame), isSameHost };
        queue.add(mostPossible(step, others.length), step);
      }
    }
  }
}

/** The score of a call on this branch if everything that follows is equal. */
function mostPossible({ depth, same, isSameHost }: Step, length: number): number {
  const most = same + Math.max(0, length - depth);
  const rest = (depth > length ? 0 : SCORE.length) + SCORE.method + (isSameHost ? SCORE.host : 0);
  return most * SCORE.segment + rest;
}

/** The branch with this name, then a limited number of others. */
function* preferring(
  name: string | undefined,
  branches: ReadonlyMap<string, Branch>,
): Generator<readonly [string, Branch]> {
  const own = name === undefined ? undefined : branches.get(name);
  if (name !== undefined && own) yield [name, own];
  let left = MOST_BESIDE;
  for (const entry of branches) {
    if (entry[0] === name) continue;
    if (left === 0) return;
    left -= 1;
    yield entry;
  }
}

function branchAt(branches: Map<string, Branch>, name: string): Branch {
  const known = branches.get(name);
  if (known) return known;
  const made = { branches: new Map(), calls: [] };
  branches.set(name, made);
  return made;
}

function segmentsOf(url: string): string[] {
  return parseTarget(url).path.split('/').slice(1);
}

/** Entries with the highest score first; with equal scores, in order. */
class Queue<T> {
  readonly #entries = new Map<number, T[]>();
  #highest = 0;

  add(score: number, entry: T): void {
    const equal = this.#entries.get(score);
    if (equal) equal.push(entry);
    else this.#entries.set(score, [entry]);
    this.#highest = Math.max(this.#highest, score);
  }

  take(): T | undefined {
    while (this.#highest >= 0) {
      const entry = this.#entries.get(this.#highest)?.shift();
      if (entry !== undefined) return entry;
      this.#highest -= 1;
    }
    return undefined;
  }
}
