import { type PathTemplate, parameterValues } from './path-templates.ts';

/** The similarities and differences of the calls to one endpoint. */
export type EndpointFacts = {
  readonly parameters: readonly ParameterFacts[];
  /** The query parameters of all calls, in order of first appearance. */
  readonly query: readonly QueryFacts[];
};

export type ParameterFacts = {
  readonly name: string;
  readonly kind: string;
  readonly index: number;
  /** Some distinct values, undecoded, in order of appearance. */
  readonly values: string[];
};

/** A query parameter as first sent, undecoded; without `=` it has no value. */
export type QueryFacts = { readonly key: string; readonly pair: string };

/** More examples of a value add nothing. */
const MOST_VALUES = 3;

/** Gathers the facts of an endpoint. */
export function endpointFacts() {
  const parameters = new Map<string, ParameterFacts>();
  const query = new Map<string, QueryFacts>();
  return {
    /**
     * @param path as sent; it matches this template
     * @param pairs query parameters as they were sent, by name
     */
    see(template: PathTemplate, path: string, pairs: ReadonlyMap<string, string>): void {
      for (const { name, kind, index, value } of parameterValues(template, path)) {
        const known = parameters.get(name) ?? { name, kind, index, values: [] };
        parameters.set(name, known);
        const isNew = known.values.length < MOST_VALUES && !known.values.includes(value);
        if (isNew) known.values.push(value);
      }
      for (const [key, pair] of pairs) if (!query.has(key)) query.set(key, { key, pair });
    },
    facts: (): EndpointFacts => ({
      parameters: [...parameters.values()],
      query: [...query.values()],
    }),
  };
}
