import { type PathTemplate, parameterValues } from './path-templates.ts';

/** What the calls of one endpoint had in common, and in what they differed. */
export type EndpointFacts = {
  readonly parameters: readonly ParameterFacts[];
  /** The query parameters of all calls, in the order in which they first came up. */
  readonly query: readonly QueryFacts[];
};

export type ParameterFacts = {
  readonly name: string;
  readonly kind: string;
  readonly index: number;
  /** Some of its values, undecoded, none twice, in the order in which they came up. */
  readonly values: string[];
};

/** A query parameter as it was sent first, undecoded; without `=` it has no value. */
export type QueryFacts = { readonly key: string; readonly pair: string };

/** More examples of a value than these tell nothing new. */
const MOST_VALUES = 3;

/** Gathers the facts of an endpoint. */
export function endpointFacts() {
  const parameters = new Map<string, ParameterFacts>();
  const query = new Map<string, QueryFacts>();
  return {
    /**
     * @param path as it was sent, of which this is the template
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
