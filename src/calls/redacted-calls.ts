import type { Call } from './call.ts';
import { type Candidate, RepeatedCalls } from './repeated-calls.ts';
import { keyWithout } from './request-key.ts';
import type { RequestPart } from './request-parts.ts';
import { fits, hasVariable } from './volatile.ts';

/** The calls of one scope whose variables are in the same places. */
type Group = {
  /** The places with variables, and the text around the variables. */
  readonly variables: readonly RequestPart[];
  /** By the key of the other parts. */
  readonly calls: Map<string, RepeatedCalls>;
};

/** Further combinations of places in one scope are not searched. */
const MOST_GROUPS = 500;

/** Recorded calls with removed secrets: their variables match any value. */
export class RedactedCalls {
  /** By scope, then by the places of the variables. */
  readonly #scopes = new Map<string, Map<string, Group>>();

  /**
   * Adds a call if it contains variables.
   *
   * @param scope what has to be equal besides the parts
   * @param recording the number of its recording, which never decreases
   */
  add(scope: string, parts: readonly RequestPart[], call: Call, recording: number): void {
    const variables = parts.filter(({ value }) => hasVariable(value)).map(withoutNames);
    if (variables.length === 0) return;
    const groups = this.#scopes.get(scope) ?? new Map<string, Group>();
    this.#scopes.set(scope, groups);
    const places = JSON.stringify(variables.map(({ at, value }) => [at, value]));
    const group = groups.get(places) ?? { variables, calls: new Map() };
    if (groups.size < MOST_GROUPS) groups.set(places, group);
    const key = keyWithout(variables, parts);
    const repeated = group.calls.get(key) ?? new RepeatedCalls();
    group.calls.set(key, repeated);
    repeated.add(call, recording);
  }

  /** The call for a request with these parts: the first one that was not used, or the last one. */
  next(
    scope: string,
    parts: readonly RequestPart[],
    isConditional: boolean,
  ): Candidate | undefined {
    const asked = new Map(parts.map(({ at, value }) => [at, value]));
    let best: Candidate | undefined;
    for (const { variables, calls } of this.#scopes.get(scope)?.values() ?? []) {
      if (!variables.every(({ at, value }) => fitsPart(value, asked.get(at)))) continue;
      const found = calls.get(keyWithout(variables, parts))?.next(isConditional);
      if (found && (best === undefined || isBetter(found, best))) best = found;
    }
    return best;
  }
}

/** One name for all variables: names do not limit what they match. */
function withoutNames({ value, ...part }: RequestPart): RequestPart {
  return { ...part, value: value.replace(/\{\{[^{}]+\}\}/g, '{{secret}}') };
}

function fitsPart(recorded: string, asked: string | undefined): boolean {
  return asked !== undefined && fits(recorded, asked);
}

function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.isUsed !== other.isUsed) return other.isUsed;
  return one.isUsed ? one.call.place > other.call.place : one.call.place < other.call.place;
}
