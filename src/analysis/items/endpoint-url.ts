import type { ItemUrl, Variable } from '../../collection.ts';
import type { Secrets } from '../../secrets/secrets.ts';
import type { EndpointFacts, ParameterFacts } from '../endpoints/facts.ts';
import { queryParameter } from './url.ts';

/**
 * The URL of an endpoint, built from one of its calls: path parameters become path variables, and query parameters of
 * other calls are added, disabled.
 *
 * @param url the URL as written for the call
 */
export function endpointUrl(
  url: Required<ItemUrl>,
  { parameters, query }: EndpointFacts,
  secrets: Secrets,
): Required<ItemUrl> {
  const { parts } = url;
  const sent = new Set(parts.query?.map(({ key }) => key));
  const others = query
    .filter(({ key }) => !sent.has(key))
    .map(({ pair }) => ({ ...queryParameter(secrets.query(pair)), disabled: true as const }));
  const all = [...(parts.query ?? []), ...others];
  const named = withVariables(url, parameters);
  return {
    ...named,
    parts: {
      ...named.parts,
      ...(all.length === 0 ? {} : { query: all }),
      ...(parameters.length === 0
        ? {}
        : { variables: parameters.map((parameter) => pathVariable(url, parameter, secrets)) }),
    },
  };
}

function withVariables(
  url: Required<ItemUrl>,
  parameters: readonly ParameterFacts[],
): Required<ItemUrl> {
  if (parameters.length === 0) return url;
  const { raw, parts } = url;
  const { path = [] } = parts;
  const names = new Map(parameters.map(({ index, name }) => [index, `:${name}`]));
  const written = path.map((segment, index) => names.get(index) ?? segment);
  const end = raw.indexOf('?') < 0 ? raw.length : raw.indexOf('?');
  const start = end - path.join('/').length;
  return {
    raw: raw.slice(0, start) + written.join('/') + raw.slice(end),
    parts: { ...parts, path: written },
  };
}

function pathVariable(
  { parts }: Required<ItemUrl>,
  { name, kind, index, values }: ParameterFacts,
  secrets: Secrets,
): Variable {
  const shown = values.map((value) => secrets.text(value));
  const description = `${kind}, for example ${shown.join(', ')}`;
  return {
    key: name,
    value: parts.path?.[index] ?? '',
    description: description.charAt(0).toUpperCase() + description.slice(1),
  };
}
