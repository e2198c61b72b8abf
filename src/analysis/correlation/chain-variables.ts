import { nameFrom, type VariableNames } from '../../secrets/variables.ts';
import type { Store } from '../scripts/test-scripts.ts';
import type { SurveyedRequest } from '../survey/survey.ts';
import type { Place } from './uses.ts';

/** A value in a request that a variable replaces. */
export type VariableUse = {
  readonly at: Place;
  readonly value: string;
  readonly variable: string;
};

/** The variables that a run fills itself: scripts store values from responses, and later requests use them. */
export type ChainVariables = {
  /** In the order in which they are filled. */
  readonly names: readonly string[];
  /** The variables that a request uses; `request` is an index into the survey's requests. */
  uses(request: number): readonly VariableUse[];
  /** The values that a request's script stores. */
  stores(request: number): readonly Store[];
  /** The existing variable for a value. */
  variableFor(value: string): string | undefined;
};

/** Names a variable for each value that is passed on: one for each place in each response. */
export function nameChains(
  requests: readonly SurveyedRequest[],
  names: VariableNames,
): ChainVariables {
  const variables = new Map<string, string>();
  const values = new Map<string, string>();
  const uses = new Map<number, VariableUse[]>();
  const stores = new Map<number, Store[]>();
  for (const [index, { links }] of requests.entries()) {
    for (const { at, value, from } of links) {
      const key = JSON.stringify([from.place, from.source]);
      const variable = variables.get(key) ?? names.claim(variableName(from.name));
      if (!variables.has(key)) {
        variables.set(key, variable);
        add(stores, from.place, { variable, source: from.source });
      }
      if (!values.has(value)) values.set(value, variable);
      add(uses, index, { at, value, variable });
    }
  }
  return {
    names: [...variables.values()],
    uses: (request) => uses.get(request) ?? [],
    stores: (request) => stores.get(request) ?? [],
    variableFor: (value) => values.get(value),
  };
}

function add<T>(lists: Map<number, T[]>, index: number, element: T): void {
  const list = lists.get(index);
  if (list === undefined) lists.set(index, [element]);
  else list.push(element);
}

/** `accessToken`: `access_token`; `X-CSRF-Token`: `csrf_token`. */
function variableName(name: string): string {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return nameFrom(spaced.replace(/^x[-_]/i, '')) || 'value';
}
