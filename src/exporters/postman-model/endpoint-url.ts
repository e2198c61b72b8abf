import type { EndpointFacts, ParameterFacts } from '../../collection/endpoints.ts';
import type { Secrets } from '../../collection/secrets.ts';
import type { ItemUrl, PathVariable } from './schema.ts';
import { queryParameter } from './url.ts';

/**
 * The URL of an endpoint, made of one of its calls: parameters in the path become path variables, and query parameters of
 * other calls are added, switched off.
 *
 * @param url as it is written for the call
 */
export function endpointUrl(
  url: ItemUrl,
  { parameters, query }: EndpointFacts,
  secrets: Secrets,
): ItemUrl {
  const sent = new Set(url.query?.map(({ key }) => key));
  const others = query
    .filter(({ key }) => !sent.has(key))
    .map(({ pair }) => ({ ...queryParameter(secrets.query(pair)), disabled: true as const }));
  const all = [...(url.query ?? []), ...others];
  return {
    ...withVariables(url, parameters),
    ...(all.length === 0 ? {} : { query: all }),
    ...(parameters.length === 0
      ? {}
      : { variable: parameters.map((parameter) => pathVariable(url, parameter, secrets)) }),
  };
}

function withVariables(url: ItemUrl, parameters: readonly ParameterFacts[]): ItemUrl {
  const { raw, path = [] } = url;
  if (parameters.length === 0) return url;
  const names = new Map(parameters.map(({ index, name }) => [index, `:${name}`]));
  const written = path.map((segment, index) => names.get(index) ?? segment);
  const end = raw.indexOf('?') < 0 ? raw.length : raw.indexOf('?');
  const start = end - path.join('/').length;
  return { ...url, raw: raw.slice(0, start) + written.join('/') + raw.slice(end), path: written };
}

function pathVariable(
  url: ItemUrl,
  { name, kind, index, values }: ParameterFacts,
  secrets: Secrets,
): PathVariable {
  const shown = values.map((value) => secrets.text(value));
  const description = `${kind}, for example ${shown.join(', ')}`;
  return {
    key: name,
    value: url.path?.[index] ?? '',
    description: description.charAt(0).toUpperCase() + description.slice(1),
  };
}
