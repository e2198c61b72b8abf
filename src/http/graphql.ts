import { jsonText } from '../json/json-text.ts';

/** A GraphQL request over HTTP (GraphQL over HTTP, 5.4). */
export type GraphqlRequest = {
  readonly query: string;
  readonly operationName?: string;
  /** The variables as JSON text. */
  readonly variables?: string;
};

/** Longer queries are not parsed. A regular expression has memory for some million steps. */
const LONGEST_QUERY = 1024 * 1024;

const OPERATION = /^(?:\s|#[^\n]*\n|,)*(?:\{|(?:query|mutation|subscription|fragment)\b)/;

/**
 * Reads a JSON body as a GraphQL request.
 *
 * @returns undefined for everything else, and if query, operationName and variables would lose something: further
 *   members, numbers that JavaScript cannot represent, a search that only happens to be called `query`, and for a query
 *   of more than 1 MB
 */
export function parseGraphql(text: string): GraphqlRequest | undefined {
  if (!text.includes('"query"')) return undefined;
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { query, operationName, variables, ...others } = value;
  if (Object.keys(others).length > 0) return undefined;
  if (typeof query !== 'string' || query.length > LONGEST_QUERY) return undefined;
  if (!OPERATION.test(query)) return undefined;
  if (operationName !== undefined && typeof operationName !== 'string') return undefined;
  const written = variables === undefined ? undefined : variablesText(text, variables);
  if (variables !== undefined && written === undefined) return undefined;
  return {
    query,
    ...(operationName === undefined ? {} : { operationName }),
    ...(written === undefined ? {} : { variables: written }),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The variables serialised again, if the result equals the recording character for character. */
function variablesText(text: string, variables: unknown): string | undefined {
  const written = jsonText(variables);
  return text.includes(written) ? written : undefined;
}
