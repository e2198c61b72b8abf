import type { Call, CallPlace } from './call.ts';
import { CallsByKey, type Candidate } from './calls-by-key.ts';
import { keyWithout } from './request-key.ts';
import type { RequestPart } from './request-parts.ts';
import { fits, hasVariable } from './volatile.ts';

/** What has to be equal besides the parts: method and origin. */
export type CallScope = readonly [method: string, origin: string];

/** The calls of one scope whose variables are in the same places. */
type Group = {
  /** The places with variables, and the text around the variables. */
  readonly variables: readonly RequestPart[];
  /** By the key of the other parts. */
  readonly calls: CallsByKey;
};

/** Further combinations of places in one scope are not searched. */
const MOST_GROUPS = 500;

/** Recorded calls with removed secrets: their variables match any value. */
export class RedactedCalls {
  /** By scope, then by the places of the variables. */
  readonly #scopes = new Map<string, Map<string, Group>>();

  /** Adds a call if its parts contain variables, after those of earlier recordings. */
  add(scope: CallScope, parts: readonly RequestPart[], call: Call): void {
    const variables = parts.filter(({ value }) => hasVariable(value)).map(withoutNames);
    if (variables.length === 0) return;
    const scopeName = nameOf(scope);
    const groups = this.#scopes.get(scopeName) ?? new Map<string, Group>();
    this.#scopes.set(scopeName, groups);
    const places = JSON.stringify(variables.map(({ at, value }) => [at, value]));
    const group = groups.get(places) ?? { variables, calls: new CallsByKey() };
    if (groups.size < MOST_GROUPS) groups.set(places, group);
    group.calls.add(keyWithout(variables, parts), call);
  }

  /** The call for a request with these parts: the first one that was not used, or the last one. */
  next(
    scope: CallScope,
    parts: readonly RequestPart[],
    isConditional: boolean,
  ): Candidate | undefined {
    const asked = new Map(parts.map(({ at, value }) => [at, value]));
    let best: Candidate | undefined;
    for (const { variables, calls } of this.#scopes.get(nameOf(scope))?.values() ?? []) {
      if (!variables.every(({ at, value }) => fitsPart(value, asked.get(at)))) continue;
      const found = calls.next(keyWithout(variables, parts), isConditional);
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
  return one.isUsed ? isAfter(one.call, other.call) : isAfter(other.call, one.call);
}

function isAfter(one: CallPlace, other: CallPlace): boolean {
  if (one.recording !== other.recording) return one.recording > other.recording;
  return one.place > other.place;
}

function nameOf([method, origin]: CallScope): string {
  return `${method} ${origin}`;
}
